import { VigilError } from '@vigil/core';
import type { Transaction } from '@vigil/postgres';
import type { JobCounts } from './batch-job.ts';

/** Where jobs into a database keep how far they came; names of the code, in the database of their rows. */
export interface JobTables {
  readonly checkpoint: 'orchestration.job_checkpoint' | 'engine.job_checkpoint';
  readonly rejected: 'orchestration.job_rejected' | 'engine.job_rejected';
}

export const operationalJobTables: JobTables = { checkpoint: 'orchestration.job_checkpoint', rejected: 'orchestration.job_rejected' };
export const warehouseJobTables: JobTables = { checkpoint: 'engine.job_checkpoint', rejected: 'engine.job_rejected' };

/** A partition of a job as its attempt holds it. */
export interface HeldPartition {
  readonly job: string;
  readonly partition: number;
  readonly epoch: number;
  readonly runId: string;
}

export interface StoredCheckpoint {
  /** Empty = at the beginning. */
  readonly position: string;
  readonly counts: JobCounts;
  readonly done: boolean;
  /** Of the attempt that wrote it. */
  readonly runId: string;
}

const noCounts: JobCounts = { read: 0, written: 0, rejected: 0, skipped: 0 };

const fenced = ({ job, partition, epoch }: HeldPartition): VigilError =>
  new VigilError('FENCED', { detail: `${job}/${partition}, epoch ${epoch}.` });

/**
 * Takes a partition over: whoever held it under an older epoch can no longer write.
 *
 * @throws VigilError FENCED where a later attempt has it
 */
export async function acquireCheckpoint(
  transaction: Transaction,
  { checkpoint }: JobTables,
  held: HeldPartition,
): Promise<StoredCheckpoint> {
  const { rows } = await transaction.query<StoredCheckpoint>(
    `INSERT INTO ${checkpoint} AS c (job, part, epoch, position, counts, run_id) VALUES ($1, $2, $3, '', $4, '')
     ON CONFLICT (job, part) DO UPDATE SET epoch = EXCLUDED.epoch WHERE c.epoch <= EXCLUDED.epoch
     RETURNING position, counts, done, run_id AS "runId"`,
    [held.job, held.partition, held.epoch, JSON.stringify(noCounts)],
  );
  const [row] = rows;
  if (!row) throw fenced(held);
  return row;
}

export interface CheckpointAdvance {
  readonly from: string;
  readonly to: string;
  readonly counts: JobCounts;
  readonly done: boolean;
}

/**
 * Moves the checkpoint and thereby locks it until the transaction ends: call it before the first row is written.
 *
 * @throws VigilError FENCED where epoch or position are not those we left: nothing may be written
 */
export async function advanceCheckpoint(
  transaction: Transaction,
  { checkpoint }: JobTables,
  held: HeldPartition,
  { from, to, counts, done }: CheckpointAdvance,
): Promise<void> {
  const { rowCount } = await transaction.query(
    `UPDATE ${checkpoint} SET position = $5, counts = $6, done = $7, run_id = $8, changed_at = clock_timestamp()
     WHERE job = $1 AND part = $2 AND epoch = $3 AND position = $4`,
    [held.job, held.partition, held.epoch, from, to, JSON.stringify(counts), done, held.runId],
  );
  if (rowCount !== 1) throw fenced(held);
}
