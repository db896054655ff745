import { hashOf } from '../row-state.ts';
import { sealKeyOf, type KeySeal } from '../key-seal.ts';
import type { SourceRow } from '../table-source.ts';
import type { ChangedColumn, Tuple } from './change-stream.ts';

/** What is kept of a row that was told: hashes of its key and content, and its sealed key. */
export interface RowMarks {
  readonly key: (tuple: Tuple) => string;
  readonly content: (tuple: Tuple, columns: readonly ChangedColumn[]) => string;
  readonly seal: (row: SourceRow) => string;
}

export const rowMarks = (key: readonly string[], salt: string, seal: KeySeal): RowMarks => ({
  key: (tuple) =>
    hashOf(
      salt,
      key.map((column) => tuple[column] ?? null),
    ),
  content: (tuple, columns) =>
    hashOf(
      salt,
      columns.map((column) => tuple[column.name] ?? null),
    ),
  seal: (row) => sealKeyOf(row, key, seal),
});
