import { VigilError } from '@vigil/core';
import type { FileItem } from '../content/read-items.ts';
import type { JobResult } from '../job/batch-job.ts';
import { runDatabaseJob, type WriteRow } from '../job/run-database-job.ts';
import type { FileWork, ReadyToLoad } from '../files/file-work.ts';
import type { RowReader } from './create-row-reader.ts';
import { provenanceColumns, writeValue, type TableTarget } from './table-target.ts';

/** Writes what `judge.map` has just read, with the place it came from. */
function rowWriter(
  { map, fileId }: { readonly map: RowReader['map']; readonly fileId: string },
  reader: RowReader,
  { columns }: TableTarget,
) {
  const srcFile = fileId.replaceAll('-', '');
  const write: WriteRow<FileItem> = (positioned, rows) => {
    const mapped = map(positioned);
    if (mapped.kind === 'skipped') return 'skipped';
    if (mapped.kind === 'rejected') return { code: mapped.code, field: mapped.field, detail: mapped.detail };
    const values = reader.values();
    rows.begin();
    for (const [at, column] of columns.entries()) writeValue(rows, column, values[at] ?? null);
    rows.uuid(srcFile);
    rows.int8(positioned.line);
    return 'written';
  };
  return write;
}

/**
 * The rows of a file go into a table: rows, rejected ones and checkpoint in one transaction a chunk. The checkpoint stays when
 * the file is done, under the epoch of its last claim: an attempt that slept until then is fenced, never begun anew.
 *
 * @throws VigilError as `runDatabaseJob` does, FENCED where another attempt claimed the file since
 */
export async function fillTable(
  { record, partition, judge, onCounts }: ReadyToLoad,
  { reader, target, work }: { readonly reader: RowReader; readonly target: TableTarget; readonly work: FileWork },
): Promise<JobResult> {
  const { table, columns, tables, pool } = target;
  if (work.feed.content !== 'rows') throw new VigilError('BAD_DEFINITION', { detail: `${work.feed.content} do not go into a table.` });
  const result = await runDatabaseJob<FileItem>(
    {
      partition,
      target: { table, columns: [...columns.map(({ name }) => name), ...provenanceColumns] },
      writeRow: rowWriter({ map: judge.map, fileId: record.fileId }, reader, target),
      tables,
      ends: 'for-good',
      skipLimit: work.skipLimit,
      ...(work.chunkLimits && { limits: work.chunkLimits }),
      signal: work.signal,
      onCommitted: ({ counts }) => onCounts(counts),
    },
    pool,
  );
  onCounts(result);
  return result;
}
