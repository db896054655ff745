import { parquetWriteBuffer } from 'hyparquet-writer';
import { pdfOfLines } from './pdf-text.ts';
import type { Cell, Report } from './report.ts';

export type ReportFormat = 'csv' | 'json' | 'parquet' | 'pdf';

/** A text that a spreadsheet would take for a formula is shown as the text it is. */
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const text = harmless(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180. */
const csvOf = ({ columns, rows }: Report): string => [columns, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');

const jsonOf = ({ title, notes, columns, rows, findings }: Report): string =>
  `${JSON.stringify({ title, notes, findings, rows: rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at] ?? null]))) }, null, 2)}\n`;

/** Column by column: whole numbers, numbers or text, by what is in it. */
function parquetOf({ columns, rows }: Report): Buffer {
  const columnData = columns.map((name, at) => {
    const cells = rows.map((row) => row[at] ?? null);
    const told = cells.filter((cell) => cell !== null);
    const isNumeric = told.length > 0 && told.every((cell) => typeof cell === 'number');
    return isNumeric
      ? { name, data: cells, type: 'DOUBLE' as const, nullable: true }
      : { name, data: cells.map((cell) => (cell === null ? null : String(cell))), type: 'STRING' as const, nullable: true };
  });
  return Buffer.from(parquetWriteBuffer({ columnData }));
}

function linesOf({ title, notes, columns, rows }: Report): readonly string[] {
  const texts = [columns, ...rows].map((row) => row.map((cell) => (cell === null ? '' : String(cell))));
  const widths = columns.map((_column, at) => Math.min(48, Math.max(...texts.map((row) => (row[at] ?? '').length))));
  const line = (row: readonly string[]): string =>
    row
      .map((text, at) => text.padEnd(widths[at] as number))
      .join('  ')
      .trimEnd();
  const [head, ...body] = texts;
  return [title, '', ...notes, '', line(head as string[]), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}

/** A report as a file; the same report gives the same bytes. */
export function contentOfReport(report: Report, format: ReportFormat): Buffer {
  switch (format) {
    case 'csv':
      return Buffer.from(csvOf(report), 'utf8');
    case 'json':
      return Buffer.from(jsonOf(report), 'utf8');
    case 'parquet':
      return parquetOf(report);
    case 'pdf':
      return pdfOfLines(linesOf(report));
  }
}
