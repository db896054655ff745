import { hashId, toUuid } from '@vigil/core';
import type { Transaction } from '@vigil/postgres';
import type { FoundFile } from '@vigil/sources';
import { columnsOfF, fileColumns, fileOfRow, heldSql, lockInOrderSql, type FileRow } from './file-rows.ts';
import type { FileRecord } from './file-record.ts';
import { statesUnderWay } from './move-file.ts';
import { observeFile, type Observation } from './observe-file.ts';

export interface ObservedFile {
  readonly found: FoundFile;
  readonly record: FileRecord;
  readonly observation: Observation;
}

const latestSql = `
  SELECT DISTINCT ON (path) ${fileColumns} FROM orchestration.file
  WHERE source = $1 AND path = ANY($2::text[]) ORDER BY path, revision DESC`;

// Under way in the name of an attempt that no longer runs, while another content took its place: nobody can end it any more.
const abandonSql = `
  WITH locked AS (${lockInOrderSql})
  UPDATE orchestration.file AS f
  SET epoch = f.epoch + 1, changed_at = clock_timestamp(),
    state = CASE WHEN f.sha256 IS NULL THEN 'DISCOVERED' ELSE 'QUARANTINED' END,
    error_code = CASE WHEN f.sha256 IS NULL THEN NULL ELSE 'SOURCE_FILE_CHANGED' END,
    error_detail = CASE WHEN f.sha256 IS NULL THEN NULL ELSE 'Another content took its place before it was loaded to its end.' END
  FROM locked
  WHERE f.file_id = locked.file_id AND f.state = ANY ($2::text[]) AND NOT ${heldSql}
  RETURNING ${columnsOfF}`;

// Several parts of a task list their source at the same moment: those looks are one. A timer may be a little early.
const isEarly = `f.version = n.version AND f.changed_at > clock_timestamp() - $5 * interval '0.9 milliseconds'`;
const changeSql = `
  WITH locked AS (${lockInOrderSql})
  UPDATE orchestration.file AS f
  SET version = n.version, bytes = n.bytes, modified_at = n.modified_at,
    changed_at = CASE WHEN ${isEarly} THEN f.changed_at ELSE clock_timestamp() END,
    polls = CASE WHEN ${isEarly} THEN f.polls WHEN f.version = n.version THEN f.polls + 1 ELSE 1 END,
    state = CASE WHEN f.version = n.version THEN f.state ELSE 'DISCOVERED' END
  FROM locked, unnest($1::uuid[], $2::text[], $3::bigint[], $4::timestamptz[]) AS n(file_id, version, bytes, modified_at)
  WHERE locked.file_id = n.file_id AND f.file_id = n.file_id
  RETURNING ${columnsOfF}`;

// A version that a path had before it had others (an object put back, its ETag the same) is that row, not a new one.
const addSql = `
  INSERT INTO orchestration.file (file_id, source, path, version, revision, bytes, modified_at, state)
  SELECT n.file_id, $1, n.path, n.version, n.revision, n.bytes, n.modified_at, 'DISCOVERED'
  FROM unnest($2::uuid[], $3::text[], $4::text[], $5::integer[], $6::bigint[], $7::timestamptz[])
    AS n(file_id, path, version, revision, bytes, modified_at)
  ON CONFLICT (source, path, version) DO UPDATE SET polls = orchestration.file.polls + 1
  RETURNING ${fileColumns}`;

const settleSql = `
  WITH locked AS (${lockInOrderSql})
  UPDATE orchestration.file AS f SET state = 'STABLE', changed_at = clock_timestamp()
  FROM locked WHERE f.file_id = locked.file_id AND f.state = 'DISCOVERED'`;

/** Files that are whole. */
export async function settleFiles(database: Pick<Transaction, 'query'>, fileIds: readonly string[]): Promise<void> {
  await database.query(settleSql, [fileIds]);
}

const timeOf = ({ modifiedAtMs }: FoundFile): Date => new Date(modifiedAtMs);

/**
 * Takes a listing into the ledger, in one transaction; of a source one at a time.
 *
 * @param pollMs  a listing that comes sooner after the one before shows nothing new of a file that is as it was
 */
export async function observeFiles(
  transaction: Transaction,
  { source, pollMs }: { readonly source: string; readonly pollMs: number },
  found: readonly FoundFile[],
): Promise<ObservedFile[]> {
  await transaction.query(`SELECT pg_advisory_xact_lock(hashtextextended('file-ledger:' || $1, 0))`, [source]);
  const { rows } = await transaction.query<FileRow>(latestSql, [source, found.map(({ path }) => path)]);
  const known = new Map(rows.map((row) => [row.path, fileOfRow(row)]));
  const observe = (file: FoundFile): Observation => observeFile(known.get(file.path) ?? null, file);
  const busy = found.filter((file) => observe(file).kind === 'busy').map(({ path }) => known.get(path)?.fileId);
  if (busy.length > 0) {
    const abandoned = await transaction.query<FileRow>(abandonSql, [busy, statesUnderWay]);
    for (const row of abandoned.rows) known.set(row.path, fileOfRow(row));
  }
  const observed = found.map((file) => ({ file, observation: observe(file) }));

  const seen = observed.filter(({ observation: { kind } }) => kind === 'seen' || kind === 'replaced').map(({ file }) => file);
  const changed = await transaction.query<FileRow>(changeSql, [
    seen.map(({ path }) => known.get(path)?.fileId),
    seen.map(({ version }) => version),
    seen.map(({ bytes }) => bytes),
    seen.map(timeOf),
    pollMs,
  ]);
  const added = observed.flatMap(({ file, observation }) => (observation.kind === 'new' ? [{ file, revision: observation.revision }] : []));
  const inserted = await transaction.query<FileRow>(addSql, [
    source,
    added.map(({ file, revision }) => toUuid(hashId('file', source, file.path, revision))),
    added.map(({ file }) => file.path),
    added.map(({ file }) => file.version),
    added.map(({ revision }) => revision),
    added.map(({ file }) => file.bytes),
    added.map(({ file }) => timeOf(file)),
  ]);
  for (const row of [...changed.rows, ...inserted.rows]) known.set(row.path, fileOfRow(row));
  return observed.map(({ file, observation }) => {
    const record = known.get(file.path) as FileRecord;
    const isAgain = observation.kind === 'new' && record.state !== 'DISCOVERED';
    return { found: file, record, observation: isAgain ? observeFile(record, file) : observation };
  });
}
