import { finished } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { Transaction } from './transaction.ts';

/** A value of a row: null is NULL, a list becomes a text array. */
export type CopyValue = string | number | boolean | null | readonly string[];

export interface CopyTarget {
  /** A name of the code, never data. */
  readonly table: string;
  readonly columns: readonly string[];
}

const special = /[\\\t\n\r]/g;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
/** Most texts need none: looking first is several times faster. */
const needsEscape = /[\\\t\n\r]/;
const escapeText = (text: string): string =>
  needsEscape.test(text) ? text.replace(special, (character) => escapes[character] as string) : text;

const arrayItem = (item: string): string => `"${item.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** A value in COPY's text format. */
export function copyText(value: CopyValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return value.length === 0 ? '{}' : escapeText(`{${value.map(arrayItem).join(',')}}`);
}

/**
 * Writes rows by COPY: the fastest way in, one statement for all of them.
 *
 * @returns the number of rows
 * @throws the database's error; one row that does not fit refuses all
 */
export async function copyRows(
  transaction: Transaction,
  { table, columns }: CopyTarget,
  rows: readonly (readonly CopyValue[])[],
): Promise<number> {
  if (rows.length === 0) return 0;
  let lines = '';
  for (const row of rows) {
    let separator = '';
    for (const value of row) {
      lines += separator + copyText(value);
      separator = '\t';
    }
    lines += '\n';
  }
  const stream = transaction.query(copyFrom(`COPY ${table} (${columns.join(', ')}) FROM STDIN`));
  stream.end(lines);
  await finished(stream);
  return rows.length;
}
