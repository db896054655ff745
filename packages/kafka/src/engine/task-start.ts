import { VigilError } from '@vigil/core';
import { dropProducer, forgetWork, type TaskParts } from './task-parts.ts';
import { readTaskPosition, type TaskPosition } from './task-position.ts';
import { noWork } from './task-work.ts';

/** The state in memory is that of this very commit. */
const isOwn = (task: TaskParts, found: TaskPosition): boolean =>
  task.stateIsValid &&
  found.metadata.commit === task.metadata.commit &&
  [...found.positions].every(([topic, offset]) => task.committed.get(topic) === offset);

/** Somebody who took the task over meanwhile may have committed first: only when nobody did are the positions lost. */
async function refuseStateWithoutPosition({ plan, partition, world }: TaskParts): Promise<never> {
  const { isFirst } = await readTaskPosition(plan, partition, world.client.admin);
  const task = `${plan.group}.${partition}`;
  throw isFirst
    ? new VigilError('OFFSET_OUT_OF_RANGE', { detail: `${task} has state but no committed position.` })
    : new VigilError('FENCED', { detail: task });
}

async function restore(task: TaskParts, found: TaskPosition): Promise<void> {
  const { plan, partition, clock, stores, world, settings } = task;
  task.stateIsValid = false;
  const beganMs = clock.now();
  const records = await stores.restore({ ...world, pollMs: settings.pollMs });
  if (found.isFirst && records > 0) await refuseStateWithoutPosition(task);
  task.stateIsValid = true;
  task.restoredAtMs = clock.now();
  task.observer.on({ type: 'task-restored', stage: plan.group, partition, records, durationMs: task.restoredAtMs - beganMs });
}

/** Tasks that catch up side by side fill their transactions at one rate: begun alike, all would wait for the broker at once. */
const phases = 4;
const firstLimit = ({ partition, settings }: TaskParts): number =>
  Math.ceil((settings.commitRecords * (phases - (partition % phases))) / phases);

function adopt(task: TaskParts, found: TaskPosition): void {
  const noticed = task.work.fault;
  task.committed = found.positions;
  task.metadata = found.metadata;
  task.watch.resume(found.metadata.rejectedInARow);
  task.work = {
    ...noWork(),
    positions: new Map(found.positions),
    fault: noticed ?? found.metadata.fault,
    limit: Math.min(task.work.limit, firstLimit(task)),
    // Where a group began is committed at once: what the broker deletes from then on is missed, not skipped as history.
    commitNow: found.isFirst || (noticed !== null && noticed.attempts !== found.metadata.fault?.attempts),
  };
  task.inbox.restart(found.positions, found.ends, task.clock.now());
  task.started = true;
}

/**
 * Takes the task over: fence first, only then read where to go on from, then restore, then read.
 *
 * @throws VigilError OFFSET_OUT_OF_RANGE, TOPIC_RECREATED; whatever the client throws
 */
export async function startTask(task: TaskParts): Promise<void> {
  const { plan, partition, world, settings, observer } = task;
  forgetWork(task);
  await dropProducer(task);
  task.producer = await world.client.openTransactionalProducer({
    transactionalId: `${plan.group}.${partition}`,
    transactionTimeoutMs: settings.transactionTimeoutMs,
  });
  await task.producer.fence();
  const found = await readTaskPosition(plan, partition, world.client.admin);
  if (isOwn(task, found)) observer.on({ type: 'task-kept', stage: plan.group, partition });
  else await restore(task, found);
  adopt(task, found);
}
