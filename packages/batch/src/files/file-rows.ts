import type { FileRecord, FileState } from './file-record.ts';

/** The columns of `orchestration.file` that a record is made of. */
export const fileColumns = `file_id, source, path, version, revision, bytes, modified_at, sha256, state, polls, attempt, epoch, run_id, batch_id,
  duplicate_of, records_expected, records_read, records_ok, records_rejected, error_code, error_detail, accepted_sha256, shared_producer, found_at,
  changed_at`;

/** The same of a table that is called `f`. */
export const columnsOfF = fileColumns.replaceAll(/\w+/g, 'f.$&');

/** Takes the locks of the files `$1` in one order, whoever changes several: two that take them crosswise would wait for each other. */
export const lockInOrderSql = 'SELECT file_id FROM orchestration.file WHERE file_id = ANY($1::uuid[]) ORDER BY file_id FOR NO KEY UPDATE';

/** Whether the attempt that has the file `f` still runs. */
export const heldSql = `EXISTS (
      SELECT FROM orchestration.task_run AS t
      WHERE t.run_id = f.run_id AND t.task = f.task AND t.part = f.part AND t.epoch = f.task_epoch
        AND t.state IN ('requested', 'running', 'stopping'))`;

/** As the driver gives it: 64-bit numbers as text. */
export interface FileRow {
  readonly file_id: string;
  readonly source: string;
  readonly path: string;
  readonly version: string;
  readonly revision: number;
  readonly bytes: string;
  readonly modified_at: Date;
  readonly sha256: string | null;
  readonly state: FileState;
  readonly polls: number;
  readonly attempt: number;
  readonly epoch: string;
  readonly run_id: string | null;
  readonly batch_id: string | null;
  readonly duplicate_of: string | null;
  readonly records_expected: string | null;
  readonly records_read: string | null;
  readonly records_ok: string | null;
  readonly records_rejected: string | null;
  readonly error_code: string | null;
  readonly error_detail: string | null;
  readonly accepted_sha256: string | null;
  readonly shared_producer: string | null;
  readonly found_at: Date;
  readonly changed_at: Date;
}

const numberOf = (text: string | null): number | null => (text === null ? null : Number(text));

export const fileOfRow = (row: FileRow): FileRecord => ({
  fileId: row.file_id,
  source: row.source,
  path: row.path,
  version: row.version,
  revision: row.revision,
  bytes: Number(row.bytes),
  modifiedAtMs: row.modified_at.getTime(),
  sha256: row.sha256,
  state: row.state,
  polls: row.polls,
  attempt: row.attempt,
  epoch: Number(row.epoch),
  runId: row.run_id,
  batchId: row.batch_id,
  duplicateOf: row.duplicate_of,
  recordsExpected: numberOf(row.records_expected),
  recordsRead: numberOf(row.records_read),
  recordsOk: numberOf(row.records_ok),
  recordsRejected: numberOf(row.records_rejected),
  errorCode: row.error_code,
  errorDetail: row.error_detail,
  acceptedSha256: row.accepted_sha256,
  sharedProducer: row.shared_producer,
  foundAtMs: row.found_at.getTime(),
  changedAtMs: row.changed_at.getTime(),
});
