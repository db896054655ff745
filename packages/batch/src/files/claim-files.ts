import type { Transaction } from '@vigil/postgres';
import type { FileRecord } from './file-record.ts';
import { columnsOfF, fileOfRow, heldSql, lockInOrderSql, type FileRow } from './file-rows.ts';
import { statesBefore } from './move-file.ts';

/** The attempt of a task that takes files. */
export interface FileHolder {
  readonly runId: string;
  readonly batchId: string;
  readonly task: string;
  readonly part: number;
  readonly epoch: number;
}

// The first claim's producer stays: whoever takes the file later has to fence it, however many attempts died in between. One that
// had none gets none later: only a first attempt shares, and a later one would fence its own producer, which others share.
const claimSql = `
  WITH locked AS (${lockInOrderSql})
  UPDATE orchestration.file AS f
  SET state = 'CLAIMED', epoch = f.epoch + 1, attempt = f.attempt + 1, run_id = $2, batch_id = $3, task = $4, part = $5, task_epoch = $6,
    shared_producer = CASE WHEN f.attempt = 0 THEN $8 ELSE f.shared_producer END,
    error_code = NULL, error_detail = NULL, changed_at = clock_timestamp()
  FROM locked
  WHERE f.file_id = locked.file_id AND (f.state = 'STABLE' OR (f.state = ANY($7::text[]) AND (
    (f.run_id = $2 AND f.task = $4 AND f.part = $5 AND f.task_epoch < $6)
    OR NOT ${heldSql})))
  RETURNING ${columnsOfF}`;

const underWay = statesBefore('claimed').filter((state) => state !== 'STABLE');

/**
 * Takes those of the files that nobody works on: settled ones, and those of attempts that no longer run.
 *
 * @param sharedProducer  transactional id under which records of those never claimed before may be published beside those of others;
 *   null = none
 */
export async function claimFiles(
  database: Pick<Transaction, 'query'>,
  fileIds: readonly string[],
  { runId, batchId, task, part, epoch, sharedProducer }: FileHolder & { readonly sharedProducer: string | null },
): Promise<FileRecord[]> {
  const { rows } = await database.query<FileRow>(claimSql, [fileIds, runId, batchId, task, part, epoch, underWay, sharedProducer]);
  return rows.map(fileOfRow);
}

const heldClaimsSql = `
  SELECT f.file_id || '/' || f.epoch AS name FROM orchestration.file AS f
  JOIN unnest($1::uuid[], $2::bigint[]) AS n(file_id, epoch) ON f.file_id = n.file_id AND f.epoch = n.epoch`;

/** Whether each claim still counts. */
export async function confirmClaims(
  database: Pick<Transaction, 'query'>,
  claims: readonly Pick<FileRecord, 'fileId' | 'epoch'>[],
): Promise<readonly boolean[]> {
  const { rows } = await database.query<{ name: string }>(heldClaimsSql, [
    claims.map(({ fileId }) => fileId),
    claims.map(({ epoch }) => epoch),
  ]);
  const held = new Set(rows.map(({ name }) => name));
  return claims.map(({ fileId, epoch }) => held.has(`${fileId}/${epoch}`));
}
