import { VigilError } from '@vigil/core';
import type { CsvRow } from '../mappers/mapper-rules.ts';
import { createRowCutter, type CutRow } from './cut-rows.ts';
import type { CsvForm } from './file-feed.ts';

/** A row, or what is no row of this header. */
export type CsvItem =
  | { readonly kind: 'row'; readonly row: CsvRow; readonly line: number }
  | { readonly kind: 'ragged'; readonly fields: readonly string[]; readonly expected: number; readonly line: number }
  /** A quote stands where none may. */
  | { readonly kind: 'broken'; readonly text: string; readonly line: number };

const delimiters = [',', ';', '\t', '|'];

/** Which delimiter the first line has most of, outside of quotes. */
export function guessDelimiter(head: string): string {
  const line = head.split('\n', 1)[0]?.replaceAll(/"[^"]*"/g, '') ?? '';
  const counts = delimiters.map((delimiter) => line.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))] as string;
}

/** The mapper's names of the columns. @throws VigilError MISSING_COLUMN, BAD_CSV where two have one name */
function readHeader(header: readonly string[], { columns, required }: CsvForm): string[] {
  const names = header.map((told) => columns[told.trim()] ?? told.trim());
  const missing = required.filter((column) => !names.includes(column));
  if (missing.length > 0) throw new VigilError('MISSING_COLUMN', { detail: `Missing: ${missing.join(', ')}.` });
  if (new Set(names).size < names.length) throw new VigilError('BAD_CSV', { detail: 'Two columns of the header have one name.' });
  return names;
}

function itemOf(names: readonly string[], { fields, line, text }: CutRow): CsvItem {
  if (fields === null) return { kind: 'broken', text, line };
  if (fields.length !== names.length) return { kind: 'ragged', fields, expected: names.length, line };
  const row: Record<string, string> = {};
  for (let index = 0; index < names.length; index++) row[names[index] as string] = fields[index] as string;
  return { kind: 'row', row, line };
}

/**
 * The rows of a CSV in UTF-8 with a header, each with the line on which it begins.
 *
 * @param chunks  that end with whole characters
 * @throws VigilError MISSING_COLUMN, BAD_CSV: what comes before was given by then
 */
export async function* readCsv(chunks: AsyncIterable<Buffer>, form: CsvForm): AsyncGenerator<CsvItem> {
  let names: readonly string[] | null = null;
  let cutter: ReturnType<typeof createRowCutter> | null = null;
  const take = (rows: readonly CutRow[]): CsvItem[] => {
    const items: CsvItem[] = [];
    for (const row of rows) {
      if (names === null) names = readHeader(row.fields ?? [], form);
      else items.push(itemOf(names, row));
    }
    return items;
  };
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    const text = chunk.toString('utf8');
    cutter ??= createRowCutter(form.delimiter ?? guessDelimiter(text));
    yield* take(cutter.push(text));
  }
  if (cutter) yield* take(cutter.end());
}
