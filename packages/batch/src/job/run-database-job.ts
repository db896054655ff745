import { isVigilError, VigilError, type ErrorCode } from '@vigil/core';
import { BinaryRows, copyRows, inTransaction, type CopyTarget, type createPool, type Transaction } from '@vigil/postgres';
import type { JobCounts, JobPartition, JobResult, PositionedItem, SkipLimit } from './batch-job.ts';
import { runChunks, type ChunkLimits } from './chunk-rhythm.ts';
import { acquireCheckpoint, advanceCheckpoint, type JobTables, type StoredCheckpoint } from './database-checkpoint.ts';
import { isAboveSkipLimit, skipLimitError } from './skip-limit.ts';

/** What became of an item. */
export type RowWritten =
  | 'written'
  | 'skipped'
  | { readonly code: ErrorCode; readonly field: string; /** Without values. */ readonly detail: string };

/**
 * Writes an item as a row of the target, by one method of `rows` per column, after `rows.begin()`. A value that its column
 * cannot hold throws ROW_REFUSED: the row is taken back and the item rejected.
 */
export type WriteRow<Item> = (item: PositionedItem<Item>, rows: BinaryRows) => RowWritten;

export interface DatabaseJobOptions<Item> {
  readonly partition: JobPartition<Item>;
  readonly target: CopyTarget;
  readonly writeRow: WriteRow<Item>;
  /** Where the checkpoint and the rejected items stand: in the database of the target. */
  readonly tables: JobTables;
  /** As of a job into topics. */
  readonly ends: 'for-good' | 'for-the-run';
  readonly skipLimit: SkipLimit | null;
  readonly limits?: Partial<ChunkLimits>;
  readonly signal: AbortSignal;
  /** After each commit. */
  readonly onCommitted?: (chunk: { readonly position: string; readonly counts: JobCounts; readonly done: boolean }) => Promise<void> | void;
  /** Inside of the transaction, after the rows: what else follows from them. */
  readonly alsoWrite?: (transaction: Transaction) => Promise<void>;
}

/** A COPY costs the more the smaller it is, a chunk the more memory the larger: rows of 100 bytes make 2 MB. */
const defaultLimits: ChunkLimits = { records: 20_000, bytes: 8 * 1024 * 1024, ms: 2_000 };

interface RejectedRow {
  readonly position: string;
  readonly place: string;
  readonly line: number;
  readonly code: string;
  readonly field: string;
  readonly detail: string;
}

interface OpenChunk {
  readonly rows: BinaryRows;
  readonly rejected: RejectedRow[];
  readonly from: string;
  position: string;
  items: number;
}

const noCounts: JobCounts = { read: 0, written: 0, rejected: 0, skipped: 0 };

function writeSafely<Item>({ writeRow, partition }: DatabaseJobOptions<Item>, item: PositionedItem<Item>, rows: BinaryRows): RowWritten {
  const before = rows.count;
  try {
    return writeRow(item, rows);
  } catch (cause) {
    if (rows.count > before) rows.discard();
    if (isVigilError(cause) && cause.kind === 'poison') return { code: cause.code, field: '', detail: '' };
    throw new VigilError('PROCESSOR_FAULT', { detail: `${partition.job}, ${item.place}.`, cause });
  }
}

async function insertRejected<Item>(
  transaction: Transaction,
  { tables, partition }: DatabaseJobOptions<Item>,
  rejected: readonly RejectedRow[],
): Promise<void> {
  if (rejected.length === 0) return;
  await transaction.query(
    `INSERT INTO ${tables.rejected} (job, part, run_id, position, place, line, code, field, detail)
     SELECT $1, $2, $3, r.position, r.place, r.line, r.code, r.field, r.detail
     FROM jsonb_to_recordset($4) AS r (position text, place text, line bigint, code text, field text, detail text)`,
    [partition.job, partition.partition, partition.runId, JSON.stringify(rejected)],
  );
}

/** Reads and writes from the checkpoint on. */
async function runFrom<Item>(
  start: StoredCheckpoint,
  options: DatabaseJobOptions<Item>,
  pool: ReturnType<typeof createPool>,
): Promise<JobCounts> {
  const { partition, target, tables, skipLimit, signal, onCommitted, alsoWrite } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const counts = { ...start.counts };
  const newChunk = (position: string): OpenChunk => ({ rows: new BinaryRows(target), rejected: [], from: position, position, items: 0 });
  let chunk = newChunk(start.position);
  let isStopped = false;

  const take = (item: PositionedItem<Item>): 'open' | 'full' | 'last' => {
    const became = writeSafely(options, item, chunk.rows);
    const isRejected = typeof became === 'object';
    isStopped = isRejected && isAboveSkipLimit({ read: counts.read + 1, rejected: counts.rejected + 1 }, skipLimit);
    if (isStopped) return 'last';
    counts.read++;
    if (became === 'written') counts.written++;
    else if (became === 'skipped') counts.skipped++;
    else {
      counts.rejected++;
      chunk.rejected.push({ position: item.position, place: item.place, line: item.line, ...became });
    }
    chunk.position = item.position;
    return ++chunk.items >= limits.records || chunk.rows.bytes >= limits.bytes ? 'full' : 'open';
  };
  const writeChunk = async (done: boolean): Promise<void> => {
    const { rows, rejected, from, position } = chunk;
    chunk = newChunk(position);
    const told = { ...counts };
    await inTransaction(pool, async (transaction) => {
      await advanceCheckpoint(transaction, tables, partition, { from, to: position, counts: told, done });
      await copyRows(transaction, rows);
      await insertRejected(transaction, options, rejected);
      await alsoWrite?.(transaction);
    });
    await onCommitted?.({ position, counts: told, done });
  };
  const items = partition.read(start.position === '' ? null : start.position);
  await runChunks({ items, signal, maxAgeMs: limits.ms, take, isEmpty: () => chunk.items === 0, write: () => writeChunk(false) });
  if (!isStopped) {
    await writeChunk(true);
    return counts;
  }
  if (chunk.items > 0) await writeChunk(false);
  throw skipLimitError(partition.job, { ...counts, read: counts.read + 1, rejected: counts.rejected + 1 });
}

/**
 * Runs one partition of a job into a table, by binary COPY, from its last checkpoint to its end. Rows, rejected items and
 * the checkpoint of a chunk change in one transaction, fenced by the epoch: an attempt that dies is followed by one that
 * repeats and loses nothing.
 *
 * @throws VigilError FENCED (a later attempt has it), JOB_SKIP_LIMIT, JOB_STOPPED, PROCESSOR_FAULT where writing a row
 *   fails, ROW_REFUSED where only the database refuses (a constraint: the chunk is undone), DATABASE_AWAY
 */
export async function runDatabaseJob<Item>(options: DatabaseJobOptions<Item>, pool: ReturnType<typeof createPool>): Promise<JobResult> {
  const { partition, tables, ends } = options;
  const found = await inTransaction(pool, (transaction) => acquireCheckpoint(transaction, tables, partition));
  const isSameRun = found.runId === partition.runId;
  if (found.done && (ends === 'for-good' || isSameRun)) return { ...found.counts, wasDone: true };
  const start = ends === 'for-the-run' && !isSameRun ? { ...found, counts: noCounts } : found;
  return { ...(await runFrom(start, options, pool)), wasDone: false };
}
