import { VigilError } from '@vigil/core';
import { inTransaction } from '@vigil/postgres';
import type { Pool } from 'pg';
import type { FileRecord, FileState } from './file-record.ts';
import { fileColumns, fileOfRow, type FileRow } from './file-rows.ts';
import { statesBefore, type FileEvent } from './move-file.ts';

export interface FileFilter {
  readonly source?: string;
  readonly state?: FileState;
  readonly runId?: string;
  readonly limit: number;
}

/** What a person may see and do of the file ledger. */
export interface FileDesk {
  /** Changed last first. */
  list(filter: FileFilter): Promise<FileRecord[]>;
  /** @throws VigilError BAD_USAGE where there is no such file */
  show(fileId: string): Promise<FileRecord>;
  /**
   * Has it taken once more, from a state it is told for good. A duplicate is then loaded beside what it repeats, and of a
   * file below its limit of quality that very content is accepted.
   *
   * @throws VigilError BAD_USAGE where it is in no such state
   */
  requeue(fileId: string): Promise<FileRecord>;
  /** @param reason  for people; no data of the file */
  quarantine(fileId: string, reason: string): Promise<FileRecord>;
}

const listSql = `
  SELECT ${fileColumns} FROM orchestration.file
  WHERE ($1::text IS NULL OR source = $1) AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR run_id = $3)
  ORDER BY changed_at DESC, file_id LIMIT $4`;

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

export function createFileDesk(pool: Pool): FileDesk {
  const query = (sql: string, values: readonly unknown[]): Promise<FileRecord[]> =>
    inTransaction(pool, async (transaction) => (await transaction.query<FileRow>(sql, [...values])).rows.map(fileOfRow));
  const show = async (fileId: string): Promise<FileRecord> => {
    const [file] = isUuid(fileId) ? await query(`SELECT ${fileColumns} FROM orchestration.file WHERE file_id = $1`, [fileId]) : [];
    if (!file) throw new VigilError('BAD_USAGE', { detail: 'There is no file with this id: see vigil files list.' });
    return file;
  };
  /** The claim of whoever works on it ends with the new epoch. */
  const move = async (
    fileId: string,
    event: FileEvent,
    to: { state: FileState; code: string | null; detail: string | null },
  ): Promise<FileRecord> => {
    const { state } = await show(fileId);
    const sql = `UPDATE orchestration.file SET state = $2, epoch = epoch + 1, error_code = $4, error_detail = $5, changed_at = clock_timestamp(),
        accepted_sha256 = CASE WHEN error_code = 'QUALITY_BELOW_LIMIT' AND $2 = 'STABLE' THEN sha256 ELSE accepted_sha256 END
      WHERE file_id = $1 AND state = ANY($3::text[]) RETURNING ${fileColumns}`;
    const [moved] = await query(sql, [fileId, to.state, statesBefore(event), to.code, to.detail]);
    if (!moved)
      throw new VigilError('BAD_USAGE', { detail: `The file is ${state}; it would have to be ${statesBefore(event).join(', ')}.` });
    return moved;
  };
  return {
    list: ({ source = null, state = null, runId = null, limit }) => query(listSql, [source, state, runId, limit]),
    show,
    requeue: (fileId) => move(fileId, 'requeued', { state: 'STABLE', code: null, detail: null }),
    quarantine: (fileId, reason) => move(fileId, 'quarantined', { state: 'QUARANTINED', code: 'QUARANTINED_BY_HAND', detail: reason }),
  };
}
