import { VigilError } from '@vigil/core';
import type { PositionToCommit, ProducedRecord } from '../ports/kafka-client.ts';
import { encodeMetadata, type CommitMetadata } from './commit-metadata.ts';
import type { OpenBatch } from './open-batch.ts';
import { isCaughtUp, type TaskParts } from './task-parts.ts';
import { asBatchFailure, BatchFailure } from './task-failure.ts';

/** A task without records commits its position past markers this many commit intervals after its last commit. */
const idleCommitIntervals = 5;

/** Records that waited this long before they were handled tell that the task is behind. */
const behindMs = 2_000;
/** A task that is behind commits so much less often: state that changed is then written once, not again and again. */
const intervalsBehind = 5;
/** … and at most so much, as soon as that adds no more to how long records wait. */
const mostIntervalsBehind = 10;

/** How many intervals after its first record a transaction is due. Caught up, a commit is due after one, or half of one when many aggregates are due. */
function intervalsOf({ inbox, settings }: TaskParts, { openedAtMs, oldestTimestamp, aggregates }: OpenBatch): number {
  const waitedMs = openedAtMs - oldestTimestamp;
  if (waitedMs < behindMs) return aggregates < settings.promptAggregates ? 1 : 0.5;
  if (!inbox.hasMore()) return 1;
  const unnoticed = Math.min(mostIntervalsBehind, Math.floor(waitedMs / settings.commitIntervalMs));
  return Math.min(Math.max(intervalsBehind, unnoticed), Math.floor((intervalsBehind * waitedMs) / behindMs));
}

const hasMoved = ({ work, committed }: TaskParts): boolean =>
  [...work.positions].some(([topic, position]) => committed.get(topic) !== position);

/** When the next commit is due, milliseconds since the epoch; infinite = there is nothing to commit. */
export function commitDueAtMs(task: TaskParts, nowMs: number): number {
  const { work, draining, settings, inbox, lastCommitMs } = task;
  if (work.commitNow) return nowMs;
  if (work.pending && draining) return nowMs;
  if (work.pending) return work.pending.openedAtMs + settings.commitIntervalMs * intervalsOf(task, work.pending);
  if (!hasMoved(task) || inbox.peek() !== null) return Number.POSITIVE_INFINITY;
  if (draining) return nowMs;
  return isCaughtUp(task, nowMs) ? lastCommitMs + idleCommitIntervals * settings.commitIntervalMs : Number.POSITIVE_INFINITY;
}

const positionsOf = ({ plan, partition, work }: TaskParts, next: CommitMetadata): readonly PositionToCommit[] =>
  plan.sources.map(({ name, topicId }) => ({
    topic: name,
    partition,
    offset: work.positions.get(name) ?? 0,
    metadata: encodeMetadata(next, topicId),
  }));

interface CommitContent {
  readonly changelog: readonly ProducedRecord[];
  readonly all: readonly ProducedRecord[];
}

/** @throws BatchFailure when state or counts do not fit their schema */
function contentOf({ stores, work, plan, partition }: TaskParts, committedAt: number): CommitContent {
  try {
    const changelog = stores.changelogRecords();
    const { pending, tablePositions } = work;
    const ledger = pending?.ledgerRecords({ stage: plan.group, partition, committedAt, tablePositions }) ?? [];
    return { changelog, all: [...(work.pending?.outputs ?? []), ...changelog, ...ledger] };
  } catch (cause) {
    throw new BatchFailure(cause);
  }
}

function report(task: TaskParts, beganMs: number, changelogRecords: number): void {
  const { pending } = task.work;
  if (!pending) return;
  task.observer.on({
    type: 'committed',
    stage: task.plan.group,
    partition: task.partition,
    consumed: pending.consumed,
    counts: pending.counts(),
    outputs: pending.outputCounts(),
    changelogRecords,
    commitMs: task.lastCommitMs - beganMs,
    oldestAgeMs: pending.consumed > 0 ? task.clock.present() - pending.oldestTimestamp : 0,
    traceparents: [...pending.traceparents],
  });
}

/**
 * One transaction: outputs, changelog, quarantine and ledger, then the positions. Without records: positions only.
 * State is merged only after the commit is known to have happened.
 */
export async function commitTask(task: TaskParts): Promise<void> {
  const { producer, plan, clock, work } = task;
  if (!producer) throw new VigilError('FENCED');
  const beganMs = clock.now();
  const { changelog, all } = contentOf(task, clock.present());
  const next: CommitMetadata = { commit: task.metadata.commit + 1, fault: work.fault, rejectedInARow: task.watch.inARow };
  const positions = new Map(work.positions);
  await producer.begin();
  if (all.length > 0) {
    await producer.send(all).catch((error: unknown) => {
      throw asBatchFailure(error);
    });
  }
  await producer.sendPositions(plan.group, positionsOf(task, next));
  await producer.commit();

  task.stores.merge();
  task.committed = positions;
  task.metadata = next;
  task.lastCommitMs = clock.now();
  task.retry.reset();
  report(task, beganMs, changelog.length);
  task.work = { ...work, pending: null, commitNow: false, limit: Number.POSITIVE_INFINITY };
}
