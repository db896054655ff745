import { VigilError } from '@vigil/core';
import { loadTableOf, loadTables, type LoadColumn } from '@vigil/definitions';
import type { BinaryRows, createPool } from '@vigil/postgres';
import { warehouseJobTables, type JobTables } from '../job/database-checkpoint.ts';
import type { FieldValue } from './read-field.ts';

/** A column of a table with the column of the file that fills it. */
export type FilledColumn = LoadColumn & { readonly name: string; readonly from: string };

/** A table that files are loaded into. */
export interface TableTarget {
  readonly table: string;
  /** For lineage. */
  readonly dataset: string;
  readonly columns: readonly FilledColumn[];
  /** Where checkpoints and rejected rows stand: beside the table, changed in its transactions. */
  readonly tables: JobTables;
  readonly pool: ReturnType<typeof createPool>;
}

/** Where a row came from, behind the columns that the file fills. */
export const provenanceColumns = ['src_file', 'src_line'] as const;

/**
 * The table that a task names, with the columns that it fills.
 *
 * @param columns  column of the table → column of the file; absent = all, by their names
 * @throws VigilError BAD_DEFINITION where there is no such table or column
 */
export function tableTargetOf(
  { destination, columns }: { readonly destination: string; readonly columns?: Readonly<Record<string, string>> | undefined },
  pool: TableTarget['pool'],
): TableTarget {
  const known = loadTableOf(destination);
  if (!known) throw new VigilError('BAD_DEFINITION', { detail: `${destination} is none of ${Object.keys(loadTables).join(', ')}.` });
  const names = columns ?? Object.fromEntries(Object.keys(known.columns).map((name) => [name, name]));
  const filled = Object.entries(names).map(([name, from]): FilledColumn => {
    const column = Object.hasOwn(known.columns, name) ? known.columns[name] : undefined;
    if (!column) throw new VigilError('BAD_DEFINITION', { detail: `${destination} has no column ${name}.` });
    return { name, from, ...column };
  });
  return { table: destination, dataset: `${known.database}.${destination}`, columns: filled, tables: warehouseJobTables, pool };
}

/** Writes a value by the method of its column's type. */
export function writeValue(rows: BinaryRows, { type }: Pick<LoadColumn, 'type'>, value: FieldValue): void {
  switch (type) {
    case 'text':
      return rows.text(value as string | null);
    case 'integer':
      return rows.int4(value as number | null);
    case 'bigint':
      return rows.int8(value as number | null);
    case 'double':
      return rows.float8(value as number | null);
    case 'boolean':
      return rows.bool(value as boolean | null);
    case 'date':
      return rows.date(value as number | null);
  }
}
