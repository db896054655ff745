import type { JobCheckpointed } from '@vigil/contracts';
import { classifyError, isVigilError, VigilError } from '@vigil/core';
import type { KafkaClient, TransactionalProducer } from '@vigil/kafka';
import type { JobResult } from './batch-job.ts';
import { readTrail } from './checkpoint-trail.ts';
import { publishTogether, transactionTimeoutMs, type Publish } from './publish-together.ts';
import { orStopped } from './stop-signal.ts';
import { newChunk, type CommittedChunk } from './topic-committer.ts';
import type { TopicJobOptions, TopicJobPorts } from './topic-job.ts';
import { countsOf, noCounts, openWork, outputsOf, runFrom, type Start } from './topic-pass.ts';

/** How often an attempt that was fenced by an older one takes its partition back. */
const mostTakeBacks = 3;

const committedOf = (found: JobCheckpointed): CommittedChunk => ({
  position: found.position,
  counts: countsOf(found),
  done: found.done,
  trail: readTrail(found.trail),
  memos: found.memos === '' ? [] : found.memos.split('\n'),
  outputs: outputsOf(found),
});

const isOver = <Item>(found: JobCheckpointed, { ends, partition }: TopicJobOptions<Item>): boolean =>
  found.done && (ends === 'for-good' || found.runId === partition.runId);

function startOf<Item>(found: JobCheckpointed | null, { ends, partition }: TopicJobOptions<Item>): Start {
  if (!found) return { position: '', counts: noCounts };
  const isNew = ends === 'for-the-run' && found.runId !== partition.runId;
  return { position: found.position, counts: isNew ? noCounts : countsOf(found) };
}

/** One life of a producer. @returns null where a later attempt has the partition */
async function runOnce<Item>(
  options: TopicJobOptions<Item>,
  ports: TopicJobPorts,
  { producer, begin }: { readonly producer: TransactionalProducer; readonly begin: 'quietly' | 'with-a-claim' },
): Promise<JobResult | null> {
  const { partition: part, signal, onCommitted } = options;
  await orStopped(signal, producer.fence());
  const found = await orStopped(signal, ports.checkpoints.find(part.job, part.partition));
  if (found && found.epoch > part.epoch) return null;
  if (found) await onCommitted?.(committedOf(found));
  if (found && isOver(found, options)) return { ...countsOf(found), wasDone: true };
  const publish: Publish = async (publication) => {
    if (ports.yieldToLive) await orStopped(signal, ports.yieldToLive());
    await publishTogether(producer, [publication]);
  };
  const work = await openWork(options, ports, { publish, found });
  const start = startOf(found, options);
  // Our epoch stands in the topic from here on: the older attempt that took the partition finds it and gives up.
  if (begin === 'with-a-claim') await work.commit(newChunk(start.position), start.counts, false);
  return { ...(await runFrom(start, options, work)), wasDone: false };
}

const asVigilError = (error: unknown, detail: string): unknown => {
  const { code } = classifyError(error);
  return isVigilError(error) || code === 'UNKNOWN' ? error : new VigilError(code, { detail, cause: error });
};

/**
 * Ends what a producer that is not ours may still have under way, and all that it will ever try.
 *
 * @throws VigilError dependency errors of Kafka
 */
export async function endProducer(client: Pick<KafkaClient, 'openTransactionalProducer'>, transactionalId: string): Promise<void> {
  const producer = await client.openTransactionalProducer({ transactionalId, transactionTimeoutMs });
  try {
    await producer.fence();
  } catch (error) {
    throw asVigilError(error, transactionalId);
  } finally {
    await producer.close();
  }
}

/**
 * Runs one partition of a job from its last checkpoint to its end. Per chunk, records, rejected items and the checkpoint
 * go in one transaction, so that an attempt that dies at any moment is followed by one that repeats and loses nothing.
 *
 * Fence first, then read the checkpoint: a predecessor's transaction is then over, and it can begin no other one. An
 * older attempt that wakes up can take the partition for a moment: this one takes it back, and says whose it is.
 *
 * @throws VigilError FENCED (a later attempt has it), JOB_SKIP_LIMIT, JOB_STOPPED (or what the signal was raised with),
 *   PROCESSOR_FAULT where mapping fails, what the source throws, dependency errors of Kafka and the registry
 */
export async function runTopicJob<Item>(options: TopicJobOptions<Item>, ports: TopicJobPorts): Promise<JobResult> {
  const { job, partition, epoch } = options.partition;
  const transactionalId = `batch.${job}.${partition}`;
  for (let takeBacks = 0; ; takeBacks++) {
    const producer = await ports.client.openTransactionalProducer({ transactionalId, transactionTimeoutMs });
    try {
      const result = await runOnce(options, ports, { producer, begin: takeBacks === 0 ? 'quietly' : 'with-a-claim' });
      if (result) return result;
      takeBacks = mostTakeBacks;
      throw new VigilError('FENCED', { detail: `${transactionalId}, epoch ${epoch}.` });
    } catch (error) {
      if (classifyError(error).kind !== 'fenced' || takeBacks >= mostTakeBacks) throw asVigilError(error, transactionalId);
    } finally {
      await producer.close();
    }
  }
}
