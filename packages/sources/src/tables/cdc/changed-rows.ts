import { VigilError } from '@vigil/core';
import { memoOf } from '../row-state.ts';
import { valueOf } from '../source-database.ts';
import type { SourcedRow, SourceRow } from '../table-source.ts';
import { isBehind, writePosition, type ChangePosition } from './change-position.ts';
import type { ChangedColumn, LogEvent, Tuple } from './change-stream.ts';
import type { Lsn } from './lsn.ts';
import type { RowMarks } from './row-marks.ts';

/** The log tells no row that a truncation removed. */
export class TableTruncated extends VigilError {
  constructor() {
    super('TABLE_UNFIT', { detail: 'It was truncated: run the task with snapshot: again.' });
  }
}

type ToldChange = Pick<SourcedRow, 'change' | 'row' | 'memo'>;

function rowOf(tuple: Tuple, columns: readonly ChangedColumn[]): SourceRow {
  return Object.fromEntries(columns.map(({ name, typeOid }) => [name, valueOf(typeOid, tuple[name] ?? null)]));
}

/** A change as rows: one, or two where the key of a row changed. */
function toldOf({ before, after, columns }: Extract<LogEvent, { kind: 'change' }>, marks: RowMarks): readonly ToldChange[] {
  const told: ToldChange[] = [];
  const oldKey = before && marks.key(before);
  const newKey = after && marks.key(after);
  if (before && oldKey !== null && oldKey !== newKey)
    told.push({ change: 'delete', row: rowOf(before, columns), memo: memoOf(oldKey, null) });
  if (after && newKey !== null) {
    const row = rowOf(after, columns);
    const memo = memoOf(newKey, marks.content(after, columns), marks.seal(row));
    told.push({ change: oldKey === newKey ? 'update' : 'insert', row, memo });
  }
  return told;
}

/** Rows of the log behind `from`. Each row is held until the next event, so that the last of its transaction can say so. */
export async function* changedRows(
  events: AsyncIterable<LogEvent>,
  {
    from,
    marks,
    onIdle,
  }: { readonly from: ChangePosition | null; readonly marks: RowMarks; readonly onIdle: (lsn: Lsn) => 'go-on' | 'end' },
): AsyncGenerator<SourcedRow> {
  let commit: Lsn = 0n;
  let atMs = 0;
  let ordinal = 0;
  let held: (ToldChange & { readonly ordinal: number }) | null = null;
  const release = ({ ordinal: at, ...told }: NonNullable<typeof held>, end: Lsn | null): SourcedRow => {
    const position = writePosition({ kind: 'change', commit, ordinal: at, end });
    return { ...told, position, place: `${position.split(' ')[0]}, change ${at}`, changedAtMs: Math.floor(atMs) };
  };
  for await (const event of events) {
    if (event.kind === 'truncate') throw new TableTruncated();
    if (event.kind === 'begin') ({ commit, atMs } = event);
    if (event.kind === 'begin') ordinal = 0;
    for (const told of event.kind === 'change' ? toldOf(event, marks) : []) {
      if (held) yield release(held, null);
      ordinal++;
      held = isBehind(from, commit, ordinal) ? null : { ...told, ordinal };
    }
    if (event.kind === 'commit' && held) {
      yield release(held, event.end);
      held = null;
    }
    if (event.kind === 'idle' && onIdle(event.lsn) === 'end') return;
  }
}
