import { VigilError } from '@vigil/core';
import type { Client } from 'pg';
import { openKeyOf, sealKeyOf, type KeySeal } from './key-seal.ts';
import { memoOf, type KnownRow, type ResealedRow, type RowState } from './row-state.ts';
import { hashSql, type TableShape } from './table-shape.ts';
import type { HashRange } from './table-share.ts';
import type { SourcedRow, SourceRow } from './table-source.ts';
import { lastHash, vanishedRows, type VanishedOptions, type VanishedRow } from './vanished-rows.ts';

export interface ScanOptions {
  readonly source: string;
  readonly salt: string;
  readonly state: RowState;
  /** Rows of one fetch. */
  readonly fetchRows: number;
  /** Of the keys that are read. */
  readonly range: HashRange;
  /** Position behind the row of this key hash. */
  readonly positionOf: (key: string) => string;
  /** Told apart from what is known: a first reading of the table, or a look for changes. */
  readonly change: (isKnown: boolean) => SourcedRow['change'];
  /** Where given, rows that are gone are told, too, and keys are kept for that. */
  readonly seal?: KeySeal;
  readonly onUnknown?: VanishedOptions['onUnknown'];
}

const keyColumn = '__vigil_key';
const contentColumn = '__vigil_content';

export type HashedRow = SourceRow & { readonly [keyColumn]: string; readonly [contentColumn]: string };

/** Selects the rows with the hashes of their key and content. @param salt  parameter, such as `$1::text` */
export const hashedSelect = ({ table, columns, key }: TableShape, salt: string): string => {
  const names = columns.map(({ name }) => name);
  return `SELECT *, ${hashSql(salt, key)} AS ${keyColumn}, ${hashSql(salt, names)} AS ${contentColumn} FROM ${table}`;
};

/** @param at  number of the first of two parameters */
export const inRangeSql = (at: number): string => `${keyColumn} >= $${at} AND ${keyColumn} < $${at + 1}`;

/** A row without what was added to it. */
export function plainRow(hashed: HashedRow): { readonly row: SourceRow; readonly key: string; readonly content: string } {
  const { [keyColumn]: key, [contentColumn]: content, ...row } = hashed;
  return { row, key, content };
}

/** @throws VigilError TABLE_UNFIT where two rows have the same key */
function refuseTwins(rows: readonly HashedRow[], before: string, { schema, name, key }: TableShape): void {
  let last = before;
  for (const { [keyColumn]: hash } of rows) {
    if (hash === last)
      throw new VigilError('TABLE_UNFIT', { detail: `Several rows of ${schema}.${name} have the same (${key.join(', ')}).` });
    last = hash;
  }
}

/** Of rows that are as they were published, those whose key would not open any more, or was never kept, sealed anew. */
function resealed(
  rows: readonly HashedRow[],
  known: ReadonlyMap<string, KnownRow>,
  { key: columns, seal }: { readonly key: readonly string[]; readonly seal: KeySeal },
): readonly ResealedRow[] {
  return rows.map(plainRow).flatMap(({ row, key, content }) => {
    const published = known.get(key);
    const isKept = published?.content !== content || openKeyOf(published.sealedKey, columns, seal) !== null;
    return isKept ? [] : [{ key, sealedKey: sealKeyOf(row, columns, seal) }];
  });
}

const gone = ({ row, memo }: VanishedRow, position: string): SourcedRow => ({
  change: 'delete',
  row,
  position,
  place: 'a row that is gone',
  changedAtMs: null,
  memo,
});

/**
 * Reads a table, or a share of it, in the order of its key hashes, in the transaction that `client` is in, and yields the rows that
 * are new or not as they were published last, and those that are gone where keys are sealed.
 *
 * @param after  key hash to go on behind; empty = from the beginning
 */
export async function* scanTable(client: Client, shape: TableShape, after: string, options: ScanOptions): AsyncGenerator<SourcedRow> {
  const { source, salt, state, fetchRows, range, positionOf, change, seal, onUnknown = () => {} } = options;
  const { key: keyColumns } = shape;
  const select = `SELECT * FROM (${hashedSelect(shape, '$1::text')}) AS hashed WHERE ${keyColumn} > $2 AND ${inRangeSql(3)} ORDER BY ${keyColumn}`;
  await client.query(`DECLARE vigil_scan NO SCROLL CURSOR FOR ${select}`, [salt, after, range.from, range.below]);
  async function* vanished(behind: string, upTo: string, found: ReadonlySet<string>): AsyncGenerator<SourcedRow> {
    if (!seal) return;
    const missing = vanishedRows({ source, state, seal, key: keyColumns, onUnknown }, { after: behind, upTo, found });
    for await (const row of missing) yield gone(row, positionOf(upTo));
  }
  let before = after;
  let seen = 0;
  for (;;) {
    const { rows } = await client.query<HashedRow>(`FETCH ${fetchRows} FROM vigil_scan`);
    const keys = rows.map((row) => row[keyColumn]);
    const last = keys.at(-1);
    if (last === undefined) break;
    refuseTwins(rows, before, shape);
    const known = await state.known(source, keys);
    if (seal) await state.reseal(source, resealed(rows, known, { key: keyColumns, seal }));
    yield* vanished(before, last, new Set(keys));
    for (const hashed of rows) {
      const { row, key, content } = plainRow(hashed);
      seen++;
      before = key;
      const published = known.get(key);
      if (published?.content === content) continue;
      yield {
        change: change(published !== undefined),
        row,
        position: positionOf(key),
        place: `row ${seen}`,
        changedAtMs: null,
        memo: memoOf(key, content, seal && sealKeyOf(row, keyColumns, seal)),
      };
    }
  }
  yield* vanished(before, lastHash, new Set());
  await client.query('CLOSE vigil_scan');
}
