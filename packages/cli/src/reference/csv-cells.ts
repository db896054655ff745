/** What a cell of a CSV file says, or what is wrong with it. */
export type Cell<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: string };

/** Reads one cell; the text is trimmed of nothing: white space at its ends is a mistake somebody has to see. */
export type ReadCell<Value> = (text: string) => Cell<Value>;

const value = <Value>(read: Value): Cell<Value> => ({ ok: true, value: read });
const wrong = (reason: string): Cell<never> => ({ ok: false, reason });

const dayMs = 86_400_000;
const mostCharacters = 500;
/** Controls, format marks, unassigned; line and paragraph separators. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/u;

/** Printable text, which may be empty. */
export const text: ReadCell<string> = (cell) => {
  if (cell !== cell.trim()) return wrong('white space at its ends');
  return cell.length > mostCharacters || unprintable.test(cell)
    ? wrong(`more than ${mostCharacters} characters, or unprintable ones`)
    : value(cell);
};

/** Printable text that is there; without `|`, which joins the parts of a key. */
export const id: ReadCell<string> = (cell) => {
  if (cell === '') return wrong('missing');
  return cell.includes('|') ? wrong('must not hold |') : text(cell);
};

/** Text of a shape. */
export const shaped =
  (shape: RegExp, what: string): ReadCell<string> =>
  (cell) =>
    shape.test(cell) ? value(cell) : wrong(`no ${what}`);

/** One of these words. */
export const oneOf =
  <const Words extends readonly string[]>(...words: Words): ReadCell<Words[number]> =>
  (cell) =>
    words.includes(cell) ? value(cell) : wrong(`none of ${words.join(', ')}`);

/** A calendar date `YYYY-MM-DD` as days since 1970-01-01. */
export const day: ReadCell<number> = (cell) => {
  const atMs = /^\d{4}-\d{2}-\d{2}$/.test(cell) ? Date.parse(`${cell}T00:00:00Z`) : Number.NaN;
  // A parser may take 2024-02-30 for the first of March.
  return Number.isNaN(atMs) || new Date(atMs).toISOString().slice(0, 10) !== cell
    ? wrong('no calendar date YYYY-MM-DD')
    : value(atMs / dayMs);
};

const digits = /^\d{1,9}$/;

/** A whole number from 0. */
export const whole: ReadCell<number> = (cell) => (digits.test(cell) ? value(Number(cell)) : wrong('no whole number'));

/** A whole number from 0 to `most`. */
export const wholeUpTo =
  (most: number, why: string): ReadCell<number> =>
  (cell) => {
    const read = whole(cell);
    return read.ok && read.value > most ? wrong(`above ${most}: ${why}`) : read;
  };

/** A version: a whole number from 1. */
export const version: ReadCell<number> = (cell) =>
  digits.test(cell) && Number(cell) > 0 ? value(Number(cell)) : wrong('no version: a whole number from 1');

/** Dollars with at most two decimals, as cents; put together from digits, never from a float. */
export const cents: ReadCell<number> = (cell) => {
  const [, dollars = '', rest = ''] = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(cell) ?? [];
  return dollars === '' ? wrong('no amount such as 125 or 125.50') : value(Number(dollars) * 100 + Number(rest.padEnd(2, '0')));
};

/** Units with at most three decimals, in thousandths. */
export const thousandths: ReadCell<number> = (cell) => {
  const [, units = '', rest = ''] = /^(\d{1,9})(?:\.(\d{1,3}))?$/.exec(cell) ?? [];
  return units === '' ? wrong('no number of units such as 1 or 1.5') : value(Number(units) * 1000 + Number(rest.padEnd(3, '0')));
};

/** A percentage with at most two decimals, in hundredths of a percent. */
export const basisPoints: ReadCell<number> = (cell) => {
  const read = cents(cell);
  return read.ok && read.value <= 10_000 ? read : wrong('no percentage from 0 to 100');
};

export const yesOrNo: ReadCell<boolean> = (cell) => (cell === 'yes' || cell === 'no' ? value(cell === 'yes') : wrong('neither yes nor no'));

/** Words separated by single spaces; none where the cell is empty. */
export const words: ReadCell<string[]> = (cell) => {
  const read = cell === '' ? [] : cell.split(' ');
  return read.every((word) => word !== '' && text(word).ok) ? value(read) : wrong('no words separated by single spaces');
};

/** `name=value` pairs separated by single spaces. */
export const pairs: ReadCell<Record<string, string>> = (cell) => {
  const read = words(cell);
  if (!read.ok || !read.value.every((word) => /^[^=]+=[^=]+$/.test(word))) return wrong('no name=value pairs separated by single spaces');
  return value(Object.fromEntries(read.value.map((word) => word.split('=') as [string, string])));
};

/** The same, or null where the cell is empty. */
export const orNull =
  <Value>(read: ReadCell<Value>): ReadCell<Value | null> =>
  (cell) =>
    cell === '' ? value(null) : read(cell);
