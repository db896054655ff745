import type { JobCheckpointed, Topic } from '@vigil/contracts';
import { classifyError, isVigilError, VigilError, type Clock } from '@vigil/core';
import type { KafkaClient, SchemaRegistry, TransactionalProducer } from '@vigil/kafka';
import type { JobCounts, JobOutputs, JobPartition, JobResult, MapItem, PositionedItem, SkipLimit } from './batch-job.ts';
import { readTrail } from './checkpoint-trail.ts';
import type { Checkpoints } from './checkpoints.ts';
import { defaultChunkLimits, runChunks, type ChunkLimits } from './chunk-rhythm.ts';
import { isAboveSkipLimit, skipLimitError } from './skip-limit.ts';
import { orStopped } from './stop-signal.ts';
import { openItemEncoder, type EncodeItem, type JobSource } from './topic-chunk.ts';
import { newChunk, openCommitter, type CommitChunk, type CommittedChunk } from './topic-committer.ts';

/** What jobs of a process share. */
export interface TopicJobPorts {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  /** Resolves when the live stream leaves room for a batch: `createYieldToLive`. */
  readonly yieldToLive?: () => Promise<void>;
}

export interface TopicJobOptions<Item> {
  readonly partition: JobPartition<Item>;
  readonly map: MapItem<Item>;
  /** Topics that `map` writes. */
  readonly writes: readonly Topic[];
  readonly source: JobSource;
  /** `for-good`: what came to its end is never read again (a file). `for-the-run`: the next run goes on behind it, with counts of its own (a table). */
  readonly ends: 'for-good' | 'for-the-run';
  /** Null = however much is rejected. */
  readonly skipLimit: SkipLimit | null;
  readonly limits?: Partial<ChunkLimits>;
  /** W3C trace context of the task. */
  readonly traceparent?: string | null;
  readonly signal: AbortSignal;
  /**
   * After each commit and before the next one; what it throws ends the job. The last chunk of an attempt that died is
   * told again to the next attempt: it may come twice.
   */
  readonly onCommitted?: (chunk: CommittedChunk) => Promise<void> | void;
}

const transactionTimeoutMs = 30_000;
/** How often an attempt that was fenced by an older one takes its partition back. */
const mostTakeBacks = 3;
/** Items that become no record end a chunk, too, when there are this many times more of them. */
const itemsPerRecord = 10;

/** Together they stand in one record of a mebibyte at most. */
const mostMemoBytes = 512 * 1024;

/** Where an attempt begins. */
interface Start {
  /** Empty = at the beginning. */
  readonly position: string;
  readonly counts: JobCounts;
}

const countsOf = ({ read, written, rejected, skipped }: JobCounts): JobCounts => ({ read, written, rejected, skipped });
const noCounts: JobCounts = { read: 0, written: 0, rejected: 0, skipped: 0 };

const outputsOf = ({ batchId, task, outputs }: JobCheckpointed): JobOutputs => ({
  batchId,
  task,
  records: outputs === '' ? {} : (JSON.parse(outputs) as JobOutputs['records']),
});

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

interface Work<Item> {
  readonly encode: EncodeItem<Item>;
  readonly commit: CommitChunk;
}

/** Reads, maps and commits from `start` on. */
async function runFrom<Item>(start: Start, options: TopicJobOptions<Item>, { encode, commit }: Work<Item>): Promise<JobCounts> {
  const { partition, signal, skipLimit } = options;
  const limits = { ...defaultChunkLimits, ...options.limits };
  const counts = { ...start.counts };
  let chunk = newChunk(start.position);
  let isStopped = false;
  const take = (item: PositionedItem<Item>): 'open' | 'full' | 'last' => {
    const { kind, records, bytes } = encode(item);
    const rejected = counts.rejected + (kind === 'rejected' ? 1 : 0);
    // The item that is too much stays unread, so that the next attempt judges it again.
    isStopped = kind === 'rejected' && isAboveSkipLimit({ read: counts.read + 1, rejected }, skipLimit);
    if (isStopped) return 'last';
    counts.read++;
    counts.rejected = rejected;
    if (kind === 'skipped') counts.skipped++;
    if (kind === 'records') counts.written += records.length;
    for (const record of records) {
      chunk.records.push(record);
      chunk.lines.push(kind === 'rejected' ? 0 : item.line);
    }
    if (item.memo !== undefined) chunk.memos.push(item.memo);
    chunk.memoBytes += item.memo?.length ?? 0;
    chunk.bytes += bytes;
    chunk.position = item.position;
    chunk.items++;
    // Memos stand in one record, the checkpoint: it must not grow larger than its topic takes.
    const hasManyMemos = chunk.memos.length >= limits.records || chunk.memoBytes >= mostMemoBytes;
    const isFull = chunk.records.length >= limits.records || hasManyMemos || chunk.bytes >= limits.bytes;
    return isFull || chunk.items >= itemsPerRecord * limits.records ? 'full' : 'open';
  };
  const writeChunk = (done: boolean): Promise<void> => {
    const closing = chunk;
    chunk = newChunk(closing.position);
    return commit(closing, countsOf(counts), done);
  };
  const items = partition.read(start.position === '' ? null : start.position);
  await runChunks({ items, signal, maxAgeMs: limits.ms, take, isEmpty: () => chunk.items === 0, write: () => writeChunk(false) });
  if (!isStopped) {
    await writeChunk(true);
    return countsOf(counts);
  }
  if (chunk.items > 0) await writeChunk(false);
  throw skipLimitError(partition.job, { ...counts, read: counts.read + 1, rejected: counts.rejected + 1 });
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
  const encode = await openItemEncoder({ ...options, ...ports, traceparent: options.traceparent ?? null });
  const commit = await openCommitter({ ...ports, partition: part, earlier: found && outputsOf(found), producer, signal, onCommitted });
  const start = startOf(found, options);
  // Our epoch stands in the topic from here on: the older attempt that took the partition finds it and gives up.
  if (begin === 'with-a-claim') await commit(newChunk(start.position), start.counts, false);
  return { ...(await runFrom(start, options, { encode, commit })), wasDone: false };
}

const asVigilError = (error: unknown, detail: string): unknown => {
  const { code } = classifyError(error);
  return isVigilError(error) || code === 'UNKNOWN' ? error : new VigilError(code, { detail, cause: error });
};

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
