import { VigilError } from '@vigil/core';
import type { Client } from 'pg';
import { lastMemos, memoOf, type RowState } from './row-state.ts';
import { hashedSelect, inRangeSql, plainRow, scanTable, type HashedRow } from './scan-table.ts';
import { openSourceClient, toSourceError, type SourceDatabase } from './source-database.ts';
import { columnOf, quoted, readTableShape, type TableDeclaration, type TableShape } from './table-shape.ts';
import { hashRangeOf, wholeTable, type TableShare } from './table-share.ts';
import type { SourcedRow, TableSource } from './table-source.ts';

export interface SqlTableOptions extends SourceDatabase, TableDeclaration {
  readonly state: RowState;
  /** Of this source alone: hashes of its rows mean nothing elsewhere. */
  readonly salt: string;
  /** The run: a later run looks at the table again, an attempt of the same run goes on. Without `|`. */
  readonly scan: string;
  readonly fetchRows?: number;
  /** Column that grows with each change of a row; null = none: whole table, told apart by hashes. */
  readonly changes: ChangeColumn | null;
  /** The rows that are read; absent = all. Positions mean something within one share only. */
  readonly share?: TableShare;
}

export interface ChangeColumn {
  readonly column: string;
  /**
   * How far a look goes back behind the newest change that was seen: a transaction that was open then committed older ones
   * since. Milliseconds for a time, steps for a number.
   */
  readonly overlap: number;
}

const usualFetchRows = 2_000;
const times: readonly string[] = ['timestamp without time zone', 'timestamp with time zone', 'date'];
const numbers: readonly string[] = ['smallint', 'integer', 'bigint'];

/**
 * In SQL, of the parameter `$4`. A time that lies ahead (a clock that was wrong, an open end) must not hide all that comes
 * until then: the look goes back behind the present moment at least.
 */
function overlapSql(type: string, { overlap }: ChangeColumn): string {
  return times.includes(type)
    ? `LEAST($4::${type}, clock_timestamp()::${type}) - interval '${Math.trunc(overlap)} milliseconds'`
    : `$4::${type} - ${Math.trunc(overlap)}`;
}

async function checkChanges(client: Client, shape: TableShape, { column }: ChangeColumn): Promise<string> {
  const type = columnOf(shape, column).type.replace(/\(\d\)/, '');
  const place = `Column ${column} of ${shape.schema}.${shape.name}`;
  if (![...times, ...numbers].includes(type))
    throw new VigilError('TABLE_UNFIT', { detail: `${place} is neither a time nor a whole number.` });
  const { rowCount } = await client.query(`SELECT 1 FROM ${shape.table} WHERE ${quoted(column)} IS NULL LIMIT 1`);
  if (rowCount !== 0) throw new VigilError('TABLE_UNFIT', { detail: `${place} is empty in some rows: they would never be seen.` });
  return type;
}

interface Place {
  readonly scan: string;
  readonly change: string;
  readonly key: string;
}

const writePlace = ({ scan, change, key }: Place): string => `${scan}|${change}|${key}`;
function readPlace(position: string | null): Place {
  const [scan = '', change = '', key = ''] = (position ?? '').split('|');
  return { scan, change, key };
}

const changedAtMsOf = (type: string, text: string): number | null => {
  if (!times.includes(type)) return null;
  const ms = Date.parse(type === 'date' ? text : `${text.replace(' ', 'T').replace(/[+-]\d\d$/, '')}Z`);
  return Number.isNaN(ms) ? null : ms;
};

/** Rows in the order of their changes, page by page; those that are as they were published are passed over. */
async function* changedRows(client: Client, shape: TableShape, options: SqlTableOptions & { readonly changes: ChangeColumn }, from: Place) {
  const { changes, salt, scan, state, name, fetchRows = usualFetchRows, share = wholeTable } = options;
  const { from: first, below } = hashRangeOf(share);
  const type = await checkChanges(client, shape, changes);
  const column = quoted(changes.column);
  const isSameScan = from.scan === scan;
  const select = `SELECT *, ${column}::text AS __vigil_change FROM (${hashedSelect(shape, '$1::text')}) AS hashed WHERE ${inRangeSql(2)} AND`;
  const order = `ORDER BY ${column}, __vigil_key LIMIT ${fetchRows}`;
  const beginning = `${select} $4 = '' ${order}`;
  const overlapped = `${select} ${column} >= ${overlapSql(type, changes)} ${order}`;
  const next = `${select} (${column}, __vigil_key) > ($4::${type}, $5) ${order}`;
  let at = from;
  let seen = 0;
  for (let page = 0; ; page++) {
    const isBack = page === 0 && !isSameScan;
    const sql = at.change === '' ? beginning : isBack ? overlapped : next;
    const { rows } = await client.query<HashedRow & { readonly __vigil_change: string }>(sql, [
      salt,
      first,
      below,
      at.change,
      ...(sql === next ? [at.key] : []),
    ]);
    if (rows.length === 0) return;
    const known = await state.known(
      name,
      rows.map((row) => row.__vigil_key),
    );
    for (const { __vigil_change: change, ...hashed } of rows) {
      const { row, key, content } = plainRow(hashed);
      at = { scan, change, key };
      seen++;
      if (known.get(key)?.content === content) continue;
      const isKnown = known.has(key);
      const told: SourcedRow = {
        change: isKnown ? 'update' : from.change === '' ? 'snapshot' : 'insert',
        row,
        position: writePlace(at),
        place: `row ${seen}`,
        changedAtMs: changedAtMsOf(type, change),
        memo: memoOf(key, content),
      };
      yield told;
    }
  }
}

async function* tableRows(client: Client, shape: TableShape, options: SqlTableOptions, from: Place): AsyncGenerator<SourcedRow> {
  const { scan, name, salt, state, fetchRows = usualFetchRows, share = wholeTable } = options;
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const isFirst = from.scan === '';
  yield* scanTable(client, shape, from.scan === scan ? from.key : '', {
    source: name,
    salt,
    state,
    fetchRows,
    range: hashRangeOf(share),
    positionOf: (key) => writePlace({ scan, change: '', key }),
    change: (isKnown) => (isKnown ? 'update' : isFirst ? 'snapshot' : 'insert'),
  });
  await client.query('COMMIT');
}

/**
 * A table that is looked at anew in each run: in the order of a change column with a window of overlap, or, where there
 * is none, whole. Either way a row is published when it is not as it was published last, by keyed hashes of key and
 * content. Deleted rows are not noticed: that needs CDC.
 *
 * @throws VigilError (from `read`) TABLE_WITHOUT_KEY, TABLE_UNFIT, SOURCE_AWAY, SOURCE_DENIED
 */
export function openSqlTable(options: SqlTableOptions): TableSource {
  const { name, changes, state } = options;
  async function* read(position: string | null, signal: AbortSignal): AsyncGenerator<SourcedRow> {
    const client = await openSourceClient(options);
    const stop = (): void => void client.end().catch(() => undefined);
    signal.addEventListener('abort', stop);
    try {
      const shape = await readTableShape(client, options);
      const from = readPlace(position);
      yield* changes ? changedRows(client, shape, { ...options, changes }, from) : tableRows(client, shape, options, from);
    } catch (error) {
      throw toSourceError(error, name);
    } finally {
      signal.removeEventListener('abort', stop);
      await client.end().catch(() => undefined);
    }
  }
  return {
    name,
    read,
    acknowledge: (_, memos) => state.remember(name, lastMemos(memos)),
    close: async () => undefined,
  };
}
