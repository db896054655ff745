import type { FileItem } from '../content/read-items.ts';
import type { MapItem, Mapped } from '../job/batch-job.ts';
import { rejectRow } from '../mappers/reject-row.ts';
import { readField, type FieldValue } from './read-field.ts';
import type { FilledColumn } from './table-target.ts';

/** Reads rows for a table. */
export interface RowReader {
  /** As of files that are published: a row that can be written maps to no record, so its quality is judged the same way. */
  readonly map: MapItem<FileItem>;
  /** Of the row that was mapped last, in the order of the columns. */
  readonly values: () => readonly FieldValue[];
}

const noRow = (code: 'RAGGED_ROW' | 'BAD_CSV' | 'BAD_SHAPE', detail: string): Mapped => rejectRow({ code, field: '', detail }, null);
const readable: Mapped = { kind: 'records', records: [] };

export function createRowReader(columns: readonly FilledColumn[]): RowReader {
  let values: FieldValue[] = [];
  const map: MapItem<FileItem> = ({ item }) => {
    if (item.kind === 'ragged') return noRow('RAGGED_ROW', `expected ${item.expected} fields, found ${item.fields.length}`);
    if (item.kind === 'broken') return noRow('BAD_CSV', 'a quote stands where none may');
    if (item.kind !== 'row') return noRow('BAD_SHAPE', 'not of the content of this source');
    values = [];
    for (const column of columns) {
      const found = readField(item.row[column.from] ?? '', column.from, column);
      if (!found.ok) return rejectRow(found, null);
      values.push(found.value);
    }
    return readable;
  };
  return { map, values: () => values };
}
