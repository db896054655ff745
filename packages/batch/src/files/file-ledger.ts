import { VigilError, type ErrorCode } from '@vigil/core';
import { inTransaction, toDatabaseError, type Transaction } from '@vigil/postgres';
import type { FoundFile } from '@vigil/sources';
import type { Pool } from 'pg';
import type { TrailRange } from '../job/checkpoint-trail.ts';
import type { FileRecord, FileState } from './file-record.ts';
import { fileColumns, fileOfRow, heldSql, type FileRow } from './file-rows.ts';
import { statesBefore, type FileEvent } from './move-file.ts';
import { observeFiles, type ObservedFile } from './observe-files.ts';

/** The attempt of a task that takes files. */
export interface FileHolder {
  readonly runId: string;
  readonly batchId: string;
  readonly task: string;
  readonly part: number;
  readonly epoch: number;
}

/** A claim: what an attempt may change of a file while nobody claimed it after it. */
export type FileClaim = Pick<FileRecord, 'fileId' | 'epoch'>;

export interface FileCounts {
  readonly read: number;
  readonly ok: number;
  readonly rejected: number;
}

export type FileChange =
  | { readonly event: 'staged'; readonly sha256: string; readonly bytes: number }
  | { readonly event: 'verified'; readonly recordsExpected: number | null }
  | { readonly event: 'loaded'; readonly counts: FileCounts }
  | { readonly event: 'archived' }
  | { readonly event: 'released' }
  | { readonly event: 'quarantined'; readonly code: ErrorCode; readonly detail: string; readonly counts?: FileCounts };

/** Every file that was ever seen, and what became of it. */
export interface FileLedger {
  /** @param pollMs  listings that follow each other sooner count as one look */
  observe(source: string, found: readonly FoundFile[], pollMs?: number): Promise<ObservedFile[]>;
  /** Files that are whole. */
  settle(fileIds: readonly string[]): Promise<void>;
  /** Those of the files that nobody works on: settled ones, and those of attempts that no longer run. */
  claim(fileIds: readonly string[], holder: FileHolder): Promise<FileRecord[]>;
  /**
   * @returns the file as it is now; after `staged` it may be a DUPLICATE
   * @throws VigilError FENCED where another attempt claimed it since
   */
  advance(claim: FileClaim, change: FileChange): Promise<FileRecord>;
  /**
   * Asks whether the claim still counts.
   *
   * @throws VigilError FENCED
   */
  confirm(claim: FileClaim): Promise<void>;
  /** Notes which lines stand where; told twice it is noted once. */
  trail(source: string, fileId: string, trail: readonly TrailRange[]): Promise<void>;
}

const targets: Readonly<Record<FileChange['event'], FileState>> = {
  staged: 'STAGED',
  verified: 'VERIFIED',
  loaded: 'LOADED',
  archived: 'ARCHIVED',
  released: 'DISCOVERED',
  quarantined: 'QUARANTINED',
};

const claimSql = `
  UPDATE orchestration.file AS f
  SET state = 'CLAIMED', epoch = f.epoch + 1, attempt = f.attempt + 1, run_id = $2, batch_id = $3, task = $4, part = $5, task_epoch = $6,
    error_code = NULL, error_detail = NULL, changed_at = clock_timestamp()
  WHERE f.file_id = ANY($1::uuid[]) AND (f.state = 'STABLE' OR (f.state = ANY($7::text[]) AND (
    (f.run_id = $2 AND f.task = $4 AND f.part = $5 AND f.task_epoch < $6)
    OR NOT ${heldSql})))
  RETURNING ${fileColumns.replaceAll(/\w+/g, 'f.$&')}`;

// A person who has a duplicate loaded all the same leaves duplicate_of as it is: then it is none any more.
const duplicateSql = `
  SELECT other.file_id FROM orchestration.file AS other, orchestration.file AS mine
  WHERE mine.file_id = $1 AND other.source = mine.source AND other.sha256 = $2 AND other.file_id <> mine.file_id
    AND other.file_id IS DISTINCT FROM mine.duplicate_of AND other.state IN ('STAGED', 'VERIFIED', 'LOADED', 'ARCHIVED')
  ORDER BY other.found_at LIMIT 1`;

const advanceSql = `
  UPDATE orchestration.file
  SET state = $3, changed_at = clock_timestamp(),
    sha256 = COALESCE($5, sha256), bytes = COALESCE($6, bytes), duplicate_of = COALESCE($7::uuid, duplicate_of),
    records_expected = COALESCE($8, records_expected), records_read = COALESCE($9, records_read), records_ok = COALESCE($10, records_ok),
    records_rejected = COALESCE($11, records_rejected), error_code = $12, error_detail = $13,
    polls = CASE WHEN $3 = 'DISCOVERED' THEN 0 ELSE polls END
  WHERE file_id = $1 AND epoch = $2 AND state = ANY($4::text[])
  RETURNING ${fileColumns}`;

interface Move {
  readonly to: FileState;
  readonly event: FileEvent;
  readonly duplicateOf: string | null;
}

/** One after the other for a content, so that of two files with it one is first. */
async function moveOfStaged(transaction: Pick<Transaction, 'query'>, fileId: string, sha256: string): Promise<Move> {
  await transaction.query(`SELECT pg_advisory_xact_lock(hashtextextended('file-content:' || $1, 0))`, [sha256]);
  const { rows } = await transaction.query<{ file_id: string }>(duplicateSql, [fileId, sha256]);
  const duplicateOf = rows[0]?.file_id ?? null;
  return duplicateOf === null ? { to: 'STAGED', event: 'staged', duplicateOf } : { to: 'DUPLICATE', event: 'repeated', duplicateOf };
}

async function advanceFile(transaction: Pick<Transaction, 'query'>, { fileId, epoch }: FileClaim, change: FileChange): Promise<FileRecord> {
  const plain: Move = { to: targets[change.event], event: change.event, duplicateOf: null };
  const { to, event, duplicateOf } = change.event === 'staged' ? await moveOfStaged(transaction, fileId, change.sha256) : plain;
  const staged = change.event === 'staged' ? change : null;
  const failed = change.event === 'quarantined' ? change : null;
  const counts = change.event === 'loaded' ? change.counts : failed?.counts;
  const { rows } = await transaction.query<FileRow>(advanceSql, [
    fileId,
    epoch,
    to,
    statesBefore(event),
    staged?.sha256,
    staged?.bytes,
    duplicateOf,
    change.event === 'verified' ? change.recordsExpected : null,
    counts?.read,
    counts?.ok,
    counts?.rejected,
    failed?.code,
    failed?.detail,
  ]);
  if (!rows[0]) throw new VigilError('FENCED', { detail: `File ${fileId}.` });
  return fileOfRow(rows[0]);
}

const trailSql = `
  INSERT INTO orchestration.row_trail (source, file_id, first_line, last_line, topic, partition, first_offset, last_offset)
  SELECT $1, $2, n.* FROM unnest($3::bigint[], $4::bigint[], $5::text[], $6::integer[], $7::bigint[], $8::bigint[]) AS n
  ON CONFLICT DO NOTHING`;

const chunk = 1_000;

/** One statement is a transaction of its own: begin and commit would be two more ways to the server, for each step of each file. */
async function alone<Result>(pool: Pool, work: (pool: Pick<Transaction, 'query'>) => Promise<Result>): Promise<Result> {
  try {
    return await work(pool);
  } catch (error) {
    throw toDatabaseError(error);
  }
}

export const createFileLedger = (pool: Pool): FileLedger => ({
  async observe(source, found, pollMs = 0) {
    const observed: ObservedFile[] = [];
    for (let at = 0; at < found.length; at += chunk)
      observed.push(
        ...(await inTransaction(pool, (transaction) => observeFiles(transaction, { source, pollMs }, found.slice(at, at + chunk)))),
      );
    return observed;
  },
  settle: (fileIds) =>
    alone(pool, async (transaction) => {
      const sql = `UPDATE orchestration.file SET state = 'STABLE', changed_at = clock_timestamp() WHERE file_id = ANY($1::uuid[]) AND state = 'DISCOVERED'`;
      await transaction.query(sql, [fileIds]);
    }),
  claim: (fileIds, { runId, batchId, task, part, epoch }) =>
    alone(pool, async (transaction) => {
      const underWay = statesBefore('claimed').filter((state) => state !== 'STABLE');
      const { rows } = await transaction.query<FileRow>(claimSql, [fileIds, runId, batchId, task, part, epoch, underWay]);
      return rows.map(fileOfRow);
    }),
  advance: (claim, change) =>
    (change.event === 'staged' ? inTransaction : alone)(pool, (transaction) => advanceFile(transaction, claim, change)),
  confirm: ({ fileId, epoch }) =>
    alone(pool, async (transaction) => {
      const { rowCount } = await transaction.query('SELECT FROM orchestration.file WHERE file_id = $1 AND epoch = $2', [fileId, epoch]);
      if (rowCount !== 1) throw new VigilError('FENCED', { detail: `File ${fileId}.` });
    }),
  trail: (source, fileId, trail) =>
    alone(pool, async (transaction) => {
      await transaction.query(trailSql, [
        source,
        fileId,
        trail.map(({ lines }) => lines[0] ?? 0),
        trail.map(({ lines }) => lines.at(-1) ?? 0),
        trail.map(({ topic }) => topic),
        trail.map(({ partition }) => partition),
        trail.map(({ firstOffset }) => firstOffset),
        trail.map(({ firstOffset, lines }) => firstOffset + lines.length - 1),
      ]);
    }),
});
