import type { Transaction } from '@vigil/postgres';

export interface LoadedContent {
  readonly fileId: string;
  readonly sha256: string;
}

type Database = Pick<Transaction, 'query'>;

const forgettableSql = `
  SELECT file_id AS "fileId", sha256 FROM orchestration.file
  WHERE source = $1 AND state = 'ARCHIVED' AND checkpoint IS NULL AND sha256 IS NOT NULL
    AND changed_at < clock_timestamp() - $2 * interval '1 millisecond'
  ORDER BY changed_at LIMIT 1000`;
const forgotSql = `UPDATE orchestration.file SET checkpoint = 'forgotten' WHERE file_id = ANY($1::uuid[]) AND state = 'ARCHIVED'`;
const loadedSql = `SELECT file_id FROM orchestration.file WHERE file_id = ANY($1::uuid[]) AND state IN ('LOADED', 'ARCHIVED')`;

/** Files of a source that were archived so long ago, and whose checkpoints were not forgotten yet; the first thousand. */
export async function forgettableFiles(database: Database, source: string, olderThanMs: number): Promise<readonly LoadedContent[]> {
  return (await database.query<LoadedContent>(forgettableSql, [source, olderThanMs])).rows;
}

export async function noteForgotten(database: Database, fileIds: readonly string[]): Promise<void> {
  await database.query(forgotSql, [fileIds]);
}

/** Those of the files that are loaded: no attempt takes them any more. */
export async function loadedFiles(database: Database, fileIds: readonly string[]): Promise<readonly string[]> {
  const { rows } = await database.query<{ file_id: string }>(loadedSql, [fileIds]);
  return rows.map(({ file_id: fileId }) => fileId);
}
