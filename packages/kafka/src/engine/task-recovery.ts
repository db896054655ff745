import { VigilError, type ClassifiedError } from '@vigil/core';
import { ProcessorFailure } from './process-record.ts';
import { dropProducer, forgetWork, type TaskParts } from './task-parts.ts';
import { errorNameOf, reactionTo, refusalOf } from './task-failure.ts';

/** Counts an attempt at a record; it is committed at once, so that attempts survive a restart. */
function noteFault(task: TaskParts, { source, offset, cause }: ProcessorFailure): void {
  const { plan, partition, work, metadata } = task;
  // A record that was handled and could not be written is no longer noted in the work, but in what was committed before.
  const known = [work.fault, metadata.fault].find((fault) => fault?.topic === source.name && fault.offset === offset);
  const attempts = (known?.attempts ?? 0) + 1;
  forgetWork(task);
  task.work.fault = { topic: source.name, offset, attempts };
  task.work.commitNow = true;
  const errorName = errorNameOf(cause);
  task.observer.on({ type: 'processor-failed', stage: plan.group, topic: source.name, partition, offset, attempt: attempts, errorName });
}

/** Reads on from what is committed, with the same producer: nothing was sent. */
const reread = (task: TaskParts): void => task.inbox.restart(task.committed, new Map(), task.clock.now());

/** Something in the batch cannot be written: half of it is tried next, until one record stands alone. */
function bisect(task: TaskParts, cause: unknown): void {
  const { pending, last } = task.work;
  if (!pending || pending.consumed === 0 || !last) throw cause;
  if (pending.consumed > 1) {
    task.work.limit = Math.floor(pending.consumed / 2);
    forgetWork(task);
    return;
  }
  if (pending.counts().rejected > 0) throw new VigilError('QUARANTINE_WRITE_FAILED', { cause });
  noteFault(task, new ProcessorFailure(last.queued.source, last.record.offset, cause));
}

function retryLater(task: TaskParts, classified: ClassifiedError): void {
  const { attempt, delayMs } = task.retry.next();
  task.retryAtMs = task.clock.now() + delayMs;
  task.observer.on({ type: 'retrying', stage: task.plan.group, partition: task.partition, ...classified, attempt, delayMs });
}

/**
 * After an error nothing uncommitted is kept. The task goes on by itself where that is safe.
 *
 * @throws what ends the stage
 */
export async function recoverTask(task: TaskParts, error: unknown): Promise<void> {
  const reaction = reactionTo(error);
  if (reaction.kind === 'record') {
    noteFault(task, reaction.failure);
    reread(task);
    return;
  }
  if (reaction.kind === 'bisect') bisect(task, reaction.cause);
  forgetWork(task);
  await dropProducer(task);
  if (reaction.kind === 'fenced') {
    task.mustConfirm = true;
    task.observer.on({ type: 'fenced', stage: task.plan.group, partition: task.partition, refusal: refusalOf(error) });
  }
  if (reaction.kind === 'retry') retryLater(task, reaction.classified);
  else if (reaction.kind === 'fatal') throw reaction.error;
}
