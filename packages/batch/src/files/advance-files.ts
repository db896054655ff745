import type { ErrorCode } from '@vigil/core';
import type { Transaction } from '@vigil/postgres';
import type { FileRecord, FileState } from './file-record.ts';
import { columnsOfF, fileOfRow, lockInOrderSql, type FileRow } from './file-rows.ts';
import { statesBefore, type FileEvent } from './move-file.ts';

/** A claim: what an attempt may change of a file while nobody claimed it after it. */
export type FileClaim = Pick<FileRecord, 'fileId' | 'epoch'>;

export interface FileCounts {
  readonly read: number;
  readonly ok: number;
  readonly rejected: number;
}

/** What an attempt found of the content that it copied. */
export interface StagedContent {
  readonly event: 'staged';
  readonly sha256: string;
  readonly bytes: number;
}

export type FileChange =
  | StagedContent
  | { readonly event: 'verified'; readonly recordsExpected: number | null }
  | { readonly event: 'loaded'; readonly counts: FileCounts }
  | { readonly event: 'archived' }
  | { readonly event: 'released' }
  | { readonly event: 'quarantined'; readonly code: ErrorCode; readonly detail: string; readonly counts?: FileCounts };

/** A row of the ledger on its way from one state to the next, and what is noted with it. */
export interface FileMove {
  readonly claim: FileClaim;
  readonly event: FileEvent;
  readonly to: FileState;
  readonly content?: Omit<StagedContent, 'event'>;
  readonly duplicateOf?: string;
  readonly recordsExpected?: number | null;
  readonly counts?: FileCounts | undefined;
  readonly error?: { readonly code: ErrorCode; readonly detail: string };
}

/** What a change moves, but for a staged file: where that goes the other contents of its source say. */
export function moveOf(claim: FileClaim, change: Exclude<FileChange, StagedContent>): FileMove {
  const { event } = change;
  switch (event) {
    case 'verified':
      return { claim, event, to: 'VERIFIED', recordsExpected: change.recordsExpected };
    case 'loaded':
      return { claim, event, to: 'LOADED', counts: change.counts };
    case 'archived':
      return { claim, event, to: 'ARCHIVED' };
    case 'released':
      return { claim, event, to: 'DISCOVERED' };
    case 'quarantined':
      return { claim, event, to: 'QUARANTINED', counts: change.counts, error: { code: change.code, detail: change.detail } };
  }
}

const moveSql = `
  WITH locked AS (${lockInOrderSql})
  UPDATE orchestration.file AS f
  SET state = n.state, changed_at = clock_timestamp(),
    sha256 = COALESCE(n.sha256, f.sha256), bytes = COALESCE(n.bytes, f.bytes), duplicate_of = COALESCE(n.duplicate_of, f.duplicate_of),
    records_expected = COALESCE(n.expected, f.records_expected), records_read = COALESCE(n.read, f.records_read),
    records_ok = COALESCE(n.ok, f.records_ok), records_rejected = COALESCE(n.rejected, f.records_rejected),
    error_code = n.code, error_detail = n.detail, polls = CASE WHEN n.state = 'DISCOVERED' THEN 0 ELSE f.polls END
  FROM locked, unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::uuid[], $8::bigint[], $9::bigint[],
      $10::bigint[], $11::bigint[], $12::text[], $13::text[])
    AS n(file_id, epoch, state, before, sha256, bytes, duplicate_of, expected, read, ok, rejected, code, detail)
  WHERE locked.file_id = n.file_id AND f.file_id = n.file_id AND f.epoch = n.epoch AND f.state = ANY(string_to_array(n.before, ' '))
  RETURNING ${columnsOfF}`;

const nameOf = ({ fileId, epoch }: FileClaim): string => `${fileId}/${epoch}`;

/** @returns each file as it is now; null where another attempt claimed it since, or the event is none for its state */
export async function moveFiles(database: Pick<Transaction, 'query'>, moves: readonly FileMove[]): Promise<readonly (FileRecord | null)[]> {
  const each = (pick: (move: FileMove) => unknown): unknown[] => moves.map((move) => pick(move) ?? null);
  const { rows } = await database.query<FileRow>(moveSql, [
    each(({ claim }) => claim.fileId),
    each(({ claim }) => claim.epoch),
    each(({ to }) => to),
    each(({ event }) => statesBefore(event).join(' ')),
    each(({ content }) => content?.sha256),
    each(({ content }) => content?.bytes),
    each(({ duplicateOf }) => duplicateOf),
    each(({ recordsExpected }) => recordsExpected),
    each(({ counts }) => counts?.read),
    each(({ counts }) => counts?.ok),
    each(({ counts }) => counts?.rejected),
    each(({ error }) => error?.code),
    each(({ error }) => error?.detail),
  ]);
  const moved = new Map(rows.map(fileOfRow).map((file) => [nameOf(file), file]));
  return moves.map(({ claim }) => moved.get(nameOf(claim)) ?? null);
}
