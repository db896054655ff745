import { VigilError } from '@vigil/core';

/** A row of a CSV with the line on which it begins; `fields` null = a quote stands where none may, `text` is what there is of it. */
export interface CutRow {
  readonly fields: readonly string[] | null;
  readonly line: number;
  readonly text: string;
}

/** Cuts text as it comes into rows, holding no more than a row. */
export interface RowCutter {
  push(text: string): CutRow[];
  /** @throws VigilError BAD_CSV where a quote does not end */
  end(): CutRow[];
}

/** No row is larger: a quote that does not end would else take the whole file into memory. */
const maxRowChars = 1024 * 1024;

type Scanned =
  | { readonly kind: 'row'; readonly fields: readonly string[]; readonly end: number }
  /** A quote where none may stand; the row ends with its line. */
  | { readonly kind: 'broken'; readonly at: number }
  /** More of it has to come. */
  | { readonly kind: 'open' };

/** The quote that closes the field whose first character is at `from`; −1 = it does not come. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

const open: Scanned = { kind: 'open' };

/** Reads the row at `start`, field by field. @see RFC 4180, 2 */
function scanRow(text: string, start: number, { delimiter, isLast }: { readonly delimiter: string; readonly isLast: boolean }): Scanned {
  const fields: string[] = [];
  for (let at = start; ;) {
    let end: number;
    if (text[at] === '"') {
      const close = closingQuote(text, at + 1);
      if (close < 0 || (close === text.length - 1 && !isLast)) return open;
      fields.push(text.slice(at + 1, close).replaceAll('""', '"'));
      end = close + 1;
    } else {
      const newline = text.indexOf('\n', at);
      const next = text.indexOf(delimiter, at);
      end = next >= 0 && (newline < 0 || next < newline) ? next : newline < 0 ? text.length : newline;
      if (end === text.length && !isLast) return open;
      if (text[end] !== delimiter && text[end - 1] === '\r' && end > at) end--;
      const field = text.slice(at, end);
      if (field.includes('"')) return { kind: 'broken', at };
      fields.push(field);
    }
    if (text[end] === delimiter) {
      at = end + 1;
      continue;
    }
    if (text[end] === '\r') {
      if (end === text.length - 1 && !isLast) return open;
      end++;
    }
    if (end < text.length && text[end] !== '\n') return { kind: 'broken', at: end };
    return { kind: 'row', fields, end: end + 1 };
  }
}

const newlinesIn = (text: string, from: number, to: number): number => {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
};

/**
 * Rows as RFC 4180 has them: fields in quotes may hold delimiters and newlines; lines end with or without a carriage return;
 * blank lines are none. A row that a misplaced quote breaks costs no other row.
 */
export function createRowCutter(delimiter: string): RowCutter {
  let rest = '';
  let line = 1;

  const cut = (text: string, isLast: boolean): CutRow[] => {
    const rows: CutRow[] = [];
    let at = 0;
    while (at < text.length) {
      const newline = text.indexOf('\n', at);
      const lineEnd = newline < 0 ? text.length : newline;
      const quote = text.indexOf('"', at);
      if (quote < 0 || quote > lineEnd) {
        // No quote in the line: most rows.
        if (newline < 0 && !isLast) break;
        const plain = text.slice(at, text[lineEnd - 1] === '\r' && lineEnd > at ? lineEnd - 1 : lineEnd);
        if (plain !== '') rows.push({ fields: plain.split(delimiter), line, text: plain });
        line++;
        at = lineEnd + 1;
        continue;
      }
      const scanned = scanRow(text, at, { delimiter, isLast });
      if (scanned.kind === 'open') break;
      let end = scanned.kind === 'row' ? scanned.end : text.indexOf('\n', scanned.at) + 1;
      if (end === 0 && !isLast) break;
      if (end === 0) end = text.length;
      const fields = scanned.kind === 'row' ? scanned.fields : null;
      rows.push({ fields, line, text: fields === null ? text.slice(at, end) : '' });
      line += newlinesIn(text, at, end);
      at = end;
    }
    rest = text.slice(at);
    if (rest.length > maxRowChars || (isLast && rest !== ''))
      throw new VigilError('BAD_CSV', { detail: `From line ${line} on: a quote does not end, or a row is larger than 1 MiB.` });
    return rows;
  };
  return { push: (text) => cut(rest + text, false), end: () => cut(rest, true) };
}
