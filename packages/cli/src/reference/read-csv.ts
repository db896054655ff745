import { CsvError, parse } from 'csv-parse/sync';
import type { ReadCell } from './csv-cells.ts';
import type { ReferenceProblem, RowPlace } from './reference-problem.ts';

/** The columns of a file, by name, in the order in which its header names them. */
export type Columns = Readonly<Record<string, ReadCell<unknown>>>;

export type RowOf<Shape extends Columns> = {
  readonly [Name in keyof Shape]: Shape[Name] extends ReadCell<infer Value> ? Value : never;
};

export interface CsvRow<Row> {
  readonly row: Row;
  readonly place: RowPlace;
}

export interface CsvRead<Row> {
  readonly rows: readonly CsvRow<Row>[];
  readonly problems: readonly ReferenceProblem[];
}

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** csv-parse tells where and why, and quotes the text, which may name a member: only its code is handed on. */
const reasonOf = ({ code }: CsvError): string => `no CSV (${code.replace('CSV_', '').toLowerCase().replaceAll('_', ' ')})`;

function parsedRows(bytes: Buffer, file: string): { readonly rows: readonly Parsed[]; readonly problems: readonly ReferenceProblem[] } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const rows = parse(text, { bom: true, info: true, relax_column_count: true, skip_empty_lines: true }) as unknown as Parsed[];
    return { rows, problems: [] };
  } catch (error) {
    if (!(error instanceof CsvError)) return { rows: [], problems: [{ file, line: 1, column: '', reason: 'no UTF-8 text' }] };
    const { lines: line = 1 } = error as CsvError & { readonly lines?: number };
    return { rows: [], problems: [{ file, line, column: '', reason: reasonOf(error) }] };
  }
}

function headerProblem(header: readonly string[], names: readonly string[]): string | null {
  if (header.length === names.length && names.every((name, at) => header[at] === name)) return null;
  return `the header must be ${names.join(',')}`;
}

/**
 * Reads a CSV file (RFC 4180, UTF-8) whose header names exactly these columns. Every bad cell is a problem of its own; a row
 * with one is left out.
 */
export function readCsv<Shape extends Columns>(bytes: Buffer, file: string, columns: Shape): CsvRead<RowOf<Shape>> {
  const names = Object.keys(columns);
  const { rows: parsed, problems: unreadable } = parsedRows(bytes, file);
  if (unreadable.length > 0) return { rows: [], problems: unreadable };
  const [header, ...body] = parsed;
  const wrongHeader = headerProblem(header?.record ?? [], names);
  if (wrongHeader !== null) return { rows: [], problems: [{ file, line: 1, column: '', reason: wrongHeader }] };

  const rows: CsvRow<RowOf<Shape>>[] = [];
  const problems: ReferenceProblem[] = [];
  for (const { record, info } of body) {
    const place = { file, line: info.lines };
    if (record.length !== names.length) {
      problems.push({ ...place, column: '', reason: `${record.length} cells instead of ${names.length}` });
      continue;
    }
    const before = problems.length;
    const entries = names.map((name, at) => {
      const cell = (columns[name] as ReadCell<unknown>)(record[at] as string);
      if (!cell.ok) problems.push({ ...place, column: name, reason: cell.reason });
      return [name, cell.ok ? cell.value : null] as const;
    });
    if (problems.length === before) rows.push({ row: Object.fromEntries(entries) as RowOf<Shape>, place });
  }
  return { rows, problems };
}
