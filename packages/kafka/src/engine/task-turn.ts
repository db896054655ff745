import { openBatch } from './open-batch.ts';
import { commitDueAtMs, commitTask } from './task-commit.ts';
import { contextAt, isCaughtUp, type TaskParts } from './task-parts.ts';
import { handleBatch, unresolvedIn } from './task-work.ts';

const tickDueAtMs = ({ plan, draining, lastTickMs, settings }: TaskParts): number =>
  plan.topology.onTick === undefined || draining ? Number.POSITIVE_INFINITY : lastTickMs + settings.tickIntervalMs;

function tick(task: TaskParts, nowMs: number): void {
  const { plan, partition, stores, restoredAtMs } = task;
  const caughtUp = isCaughtUp(task, nowMs);
  task.lastTickMs = nowMs;
  const emissions = plan.topology.onTick?.({ nowMs, caughtUp, restoredAtMs }, contextAt(task, nowMs)) ?? [];
  if (emissions.length === 0 && !stores.hasChanges()) return;
  task.work.pending ??= openBatch(plan, partition, nowMs);
  task.work.pending.addTick(emissions, nowMs);
}

/** Handles what waits. What is handled already does not wait for a registry that may be away: it is committed first. */
async function handleWaiting(task: TaskParts, nowMs: number): Promise<boolean> {
  const { inbox, resolver, work, scope } = task;
  const queued = inbox.peek();
  if (!queued) return false;
  const missing = queued.resolved ? [] : unresolvedIn(queued, resolver);
  if (missing.length > 0 && work.pending) work.commitNow = true;
  else if (missing.length > 0) await resolver.resolve(missing);
  else {
    queued.resolved = true;
    task.lastHandledTimestamp = queued.batch.records.at(-1)?.timestamp ?? task.lastHandledTimestamp;
    handleBatch(scope, work, queued, contextAt(task, nowMs));
  }
  return true;
}

/** What is pending was decided by tables that have changed since: it is committed before anything is decided by the new ones. */
const isOvertaken = ({ work, tables }: TaskParts): boolean => work.pending !== null && work.tablePositions !== tables.positions();

/** Does the one thing that is due: commit, tick, or handle a waiting batch. False = there is nothing to do now. */
export async function takeTurn(task: TaskParts): Promise<boolean> {
  const nowMs = task.clock.now();
  if (commitDueAtMs(task, nowMs) <= nowMs || isOvertaken(task)) {
    await commitTask(task);
    return true;
  }
  if (task.draining) return false;
  task.work.tablePositions = task.tables.positions();
  if (tickDueAtMs(task) <= nowMs) {
    tick(task, nowMs);
    return true;
  }
  return handleWaiting(task, nowMs);
}

/** When there is something to do without new records. */
export const nextTurnAtMs = (task: TaskParts, nowMs: number): number => Math.min(commitDueAtMs(task, nowMs), tickDueAtMs(task));
