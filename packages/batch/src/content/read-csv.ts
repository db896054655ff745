import { pipeline, Readable } from 'node:stream';
import { VigilError } from '@vigil/core';
import { CsvError, parse, type Info } from 'csv-parse';
import type { CsvRow } from '../mappers/mapper-rules.ts';
import type { CsvForm } from './file-feed.ts';

/** A row, or what is no row of this header. */
export type CsvItem =
  | { readonly kind: 'row'; readonly row: CsvRow; readonly line: number }
  | { readonly kind: 'ragged'; readonly fields: readonly string[]; readonly expected: number; readonly line: number };

/** No row is larger: a quote that does not end would else take the whole file into memory. */
const maxRowBytes = 1024 * 1024;
const delimiters = [',', ';', '\t', '|'];

interface Parsed {
  readonly record: readonly string[];
  readonly info: Info<string>;
}

/** Which delimiter the first line has most of, outside of quotes. */
export function guessDelimiter(head: string): string {
  const line = head.split('\n', 1)[0]?.replaceAll(/"[^"]*"/g, '') ?? '';
  const counts = delimiters.map((delimiter) => line.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))] as string;
}

/** The mapper's names of the columns. @throws VigilError MISSING_COLUMN, BAD_CSV where two have one name */
export function readHeader(header: readonly string[], { columns, required }: CsvForm): string[] {
  const names = header.map((told) => columns[told.trim()] ?? told.trim());
  const missing = required.filter((column) => !names.includes(column));
  if (missing.length > 0) throw new VigilError('MISSING_COLUMN', { detail: `Missing: ${missing.join(', ')}.` });
  if (new Set(names).size < names.length) throw new VigilError('BAD_CSV', { detail: 'Two columns of the header have one name.' });
  return names;
}

const linesIn = (fields: readonly string[]): number => {
  let count = 0;
  for (const field of fields) for (let at = field.indexOf('\n'); at >= 0; at = field.indexOf('\n', at + 1)) count++;
  return count;
};

function rowOf(names: readonly string[], fields: readonly string[], line: number): CsvItem {
  if (fields.length !== names.length) return { kind: 'ragged', fields, expected: names.length, line };
  const row: Record<string, string> = {};
  for (let index = 0; index < names.length; index++) row[names[index] as string] = fields[index] as string;
  return { kind: 'row', row, line };
}

/** The first bytes, which tell the delimiter, and all of them. */
async function peek(chunks: AsyncIterable<Buffer>): Promise<{ head: string; all: AsyncIterable<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let first: IteratorResult<Buffer> = await iterator.next();
  while (!first.done && first.value.length === 0) first = await iterator.next();
  async function* all(): AsyncGenerator<Buffer> {
    try {
      for (let next = first; !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { head: first.done ? '' : first.value.toString('utf8', 0, 64 * 1024), all: all() };
}

/** What is wrong, never what stands there: the parser's own text quotes values. */
const asBadCsv = (error: unknown, line: number): unknown =>
  error instanceof CsvError ? new VigilError('BAD_CSV', { detail: `From line ${line} on (${error.code}).` }) : error;

/**
 * The rows of a CSV in UTF-8 with a header, each with the line on which it begins. Quoted fields may hold newlines.
 *
 * @throws VigilError MISSING_COLUMN, BAD_CSV
 */
export async function* readCsv(chunks: AsyncIterable<Buffer>, form: CsvForm): AsyncGenerator<CsvItem> {
  const { head, all } = await peek(chunks);
  const parser = parse({
    delimiter: form.delimiter ?? guessDelimiter(head),
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n'],
    max_record_size: maxRowBytes,
  });
  pipeline(Readable.from(all, { objectMode: true }), parser, () => undefined);
  let names: readonly string[] | null = null;
  let [next, blank] = [1, 0];
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      const line = next + info.empty_lines - blank;
      blank = info.empty_lines;
      next = line + 1 + linesIn(record);
      if (names === null) names = readHeader(record, form);
      else yield rowOf(names, record, line);
    }
  } catch (error) {
    throw asBadCsv(error, next);
  }
}
