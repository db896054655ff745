import type { FileRecord } from '@vigil/batch';

/** A file as people see it: its name may tell a patient, so it is masked unless it was revealed. */
export type ShownFile = Omit<FileRecord, 'path'> & { readonly path: string | null };

export const maskFile = (file: FileRecord): ShownFile => ({ ...file, path: null });

const timeOf = (ms: number): string => new Date(ms).toISOString();

const countsOf = ({ recordsRead, recordsOk, recordsRejected }: ShownFile): string =>
  recordsRead === null ? '' : `${recordsRead} read: ${recordsOk} ok, ${recordsRejected} rejected`;

/** One line: id, source, state, revision, counts, and why it is in quarantine. */
export const fileLine = (file: ShownFile): string =>
  [file.fileId, file.source, file.state, `revision ${file.revision}`, countsOf(file), file.errorCode ?? '']
    .filter((part) => part !== '')
    .join('  ');

/** Everything about one file. */
export function fileText(file: ShownFile): string {
  const { path, state, revision, bytes, sha256, runId, attempt, duplicateOf, recordsExpected, errorCode, errorDetail } = file;
  const rows: readonly (readonly [string, string | null])[] = [
    ['file', file.fileId],
    ['source', file.source],
    ['name', path ?? 'masked (--reveal)'],
    ['state', `${state}, revision ${revision}, attempt ${attempt}`],
    ['content', `${bytes} bytes${sha256 === null ? '' : `, sha256 ${sha256}`}`],
    ['records', countsOf(file) || null],
    ['announced', recordsExpected === null ? null : `${recordsExpected} records`],
    ['repeats', duplicateOf],
    ['run', runId],
    ['error', errorCode === null ? null : `${errorCode}: ${errorDetail ?? ''}`],
    ['found', timeOf(file.foundAtMs)],
    ['changed', timeOf(file.changedAtMs)],
  ];
  return rows.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(10)}${value}`])).join('\n');
}
