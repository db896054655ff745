import { ownWorkOf } from '../plan/own-work.ts';
import { changePart, isOver, isSettled, plannedOf, taskOf, type Draft } from './draft.ts';
import { askToStop } from './end-part.ts';
import type { PartState, RunState } from './run-state.ts';
import { endTask, settleParts, stopWaiting } from './settle-task.ts';
import { resultOfRun } from './task-result.ts';

type FinalStatus = Extract<RunState['status'], 'succeeded' | 'failed' | 'cancelled'>;

interface Outcome {
  readonly status: FinalStatus;
  readonly reason: string | null;
}

/** The first task, in the order of the plan, that speaks against success; a failure says more than a cancellation. */
function outcomeOf(draft: Draft): Outcome {
  const { run, index } = draft;
  if (run.ending) return { status: run.ending, reason: run.reason };
  let cancelled: string | null = null;
  for (const { name, onFailure } of index.plan.tasks) {
    const { status, error } = taskOf(draft, name);
    const failed = status === 'failed' || status === 'fell-back';
    if ((failed && onFailure !== 'continue') || (status === 'skipped' && error)) return { status: 'failed', reason: `${name}: ${status}` };
    if (status === 'cancelled') cancelled ??= name;
  }
  return cancelled === null ? { status: 'succeeded', reason: null } : { status: 'cancelled', reason: `${cancelled}: cancelled` };
}

const allSettled = (draft: Draft): boolean => draft.index.plan.tasks.every(({ name }) => isSettled(taskOf(draft, name)));

/** Ends the run when the last of its tasks has ended. */
export function endRunIfDone(draft: Draft): void {
  // Most steps settle nothing: only then is the whole plan not looked at.
  if (draft.owned.size > 0 && ![...draft.owned.values()].some(isSettled)) return;
  if (!allSettled(draft)) return;
  const { run, index, atMs } = draft;
  const { status, reason } = outcomeOf(draft);
  if (run.deadlineAtMs !== null && run.status !== 'cancelling') draft.effects.push({ kind: 'clear-timer', timer: { kind: 'run' } });
  Object.assign(run, { status, reason, ending: null, endedAtMs: atMs, deadlineAtMs: null } satisfies Partial<RunState>);
  const tasks = Object.fromEntries(index.leaves.map((name) => [name, taskOf(draft, name)]));
  draft.effects.push({ kind: 'run-ended', status, result: resultOfRun(index.leaves, tasks) });
}

function stopParts(draft: Draft, name: string): void {
  const task = plannedOf(draft, name);
  for (const { part, epoch, status, retryAtMs } of taskOf(draft, name).parts) {
    if (status === 'queued' || status === 'running') askToStop(draft, task, part);
    if (status !== 'backing-off') continue;
    if (retryAtMs !== null) draft.effects.push({ kind: 'clear-timer', timer: { kind: 'retry', task: name, part, epoch } });
    Object.assign(changePart(draft, name, part), { status: 'cancelled', retryAtMs: null } satisfies Partial<PartState>);
  }
  if (taskOf(draft, name).parts.every(isOver)) settleParts(draft, task);
}

/** Stops everything that is under way; the run ends, as `ending` says, once all of it has stopped. */
export function stopRun(draft: Draft, ending: 'cancelled' | 'failed', reason: string): void {
  const { run, index } = draft;
  if (run.deadlineAtMs !== null && ending === 'cancelled') draft.effects.push({ kind: 'clear-timer', timer: { kind: 'run' } });
  Object.assign(run, { status: 'cancelling', ending, reason } satisfies Partial<RunState>);
  for (const { name } of index.plan.tasks) {
    const task = taskOf(draft, name);
    if (isSettled(task)) continue;
    const worksItself = task.status === 'active' && ownWorkOf(plannedOf(draft, name)).kind !== 'wait';
    if (worksItself) {
      stopParts(draft, name);
      continue;
    }
    stopWaiting(draft, name);
    endTask(draft, name, { status: 'cancelled', reason });
  }
}
