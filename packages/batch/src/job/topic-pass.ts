import type { JobCheckpointed } from '@vigil/contracts';
import type { JobCounts, JobOutputs, PositionedItem } from './batch-job.ts';
import { defaultChunkLimits, runChunks } from './chunk-rhythm.ts';
import type { Publish } from './publish-together.ts';
import { isAboveSkipLimit, skipLimitError } from './skip-limit.ts';
import { openItemEncoder, type EncodeItem } from './topic-chunk.ts';
import { newChunk, openCommitter, type CommitChunk } from './topic-committer.ts';
import type { TopicJobOptions, TopicJobPorts } from './topic-job.ts';

/** Items that become no record end a chunk, too, when there are this many times more of them. */
const itemsPerRecord = 10;

/** Together they stand in one record of a mebibyte at most. */
const mostMemoBytes = 512 * 1024;

/** Where an attempt begins. */
export interface Start {
  /** Empty = at the beginning. */
  readonly position: string;
  readonly counts: JobCounts;
}

export const countsOf = ({ read, written, rejected, skipped }: JobCounts): JobCounts => ({ read, written, rejected, skipped });
export const noCounts: JobCounts = { read: 0, written: 0, rejected: 0, skipped: 0 };

export const outputsOf = ({ batchId, task, outputs }: JobCheckpointed): JobOutputs => ({
  batchId,
  task,
  records: outputs === '' ? {} : (JSON.parse(outputs) as JobOutputs['records']),
});

/** What a pass over the items needs. */
export interface Work<Item> {
  readonly encode: EncodeItem<Item>;
  readonly commit: CommitChunk;
}

/** @throws VigilError TOPIC_MISSING, SCHEMA_NOT_REGISTERED, REGISTRY_AWAY */
export async function openWork<Item>(
  options: TopicJobOptions<Item>,
  ports: TopicJobPorts,
  { publish, found }: { readonly publish: Publish; readonly found: JobCheckpointed | null },
): Promise<Work<Item>> {
  const { partition, onCommitted } = options;
  const encode = await openItemEncoder({ ...options, ...ports, traceparent: options.traceparent ?? null });
  const commit = await openCommitter({ ...ports, partition, earlier: found && outputsOf(found), publish, onCommitted });
  return { encode, commit };
}

/** Reads, maps and commits from `start` on. */
export async function runFrom<Item>(start: Start, options: TopicJobOptions<Item>, { encode, commit }: Work<Item>): Promise<JobCounts> {
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
    if (kind !== 'mark') counts.read++;
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
