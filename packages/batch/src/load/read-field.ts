import { parseIsoDay } from '@vigil/claim-formats';
import type { LoadColumn } from '@vigil/definitions';
import { read, wrong, type Read } from '../mappers/reject-row.ts';

/** A field as its column holds it; a day is the number of days since 1970-01-01. */
export type FieldValue = string | number | boolean | null;

const whole = /^[+-]?\d{1,19}$/;
const real = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/;
const booleans: ReadonlyMap<string, boolean> = new Map([
  ...['true', 't', 'yes', 'y', '1'].map((word) => [word, true] as const),
  ...['false', 'f', 'no', 'n', '0'].map((word) => [word, false] as const),
]);
const mostInteger = 2 ** 31;

function readInteger(text: string, field: string, most: number): Read<FieldValue> {
  const value = whole.test(text) ? Number(text) : Number.NaN;
  const fits = Number.isSafeInteger(value) && value >= -most && value < most;
  return fits ? read(value) : wrong('BAD_NUMBER', field, 'expected a whole number within the range of the column');
}

function readDouble(text: string, field: string): Read<FieldValue> {
  const value = real.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? read(value) : wrong('BAD_NUMBER', field, 'expected a number such as 12.5');
}

function readBoolean(text: string, field: string): Read<FieldValue> {
  const value = booleans.get(text.toLowerCase());
  return value === undefined ? wrong('BAD_STATUS', field, 'expected true or false, yes or no, 1 or 0') : read(value);
}

function readText(text: string, field: string, most: number): Read<FieldValue> {
  if (text.length > most) return wrong('TEXT_TOO_LONG', field, `expected at most ${most} characters`);
  // The database would refuse it, and with it every row beside it.
  return text.includes('\0') ? wrong('BAD_SHAPE', field, 'expected text without a NUL') : read(text);
}

function readDay(text: string, field: string): Read<FieldValue> {
  const day = parseIsoDay(text);
  return day === null ? wrong('BAD_DATE', field, 'expected a day as YYYY-MM-DD') : read(day);
}

/** A field of a file for a column of a table; empty is none. `detail` says what was expected, never what was found. */
export function readField(told: string, field: string, column: LoadColumn): Read<FieldValue> {
  const text = told.trim();
  if (text === '') return column.required ? wrong('MISSING_FIELD', field, 'expected a value') : read(null);
  switch (column.type) {
    case 'text':
      return readText(text, field, column.mostCharacters);
    case 'integer':
      return readInteger(text, field, mostInteger);
    case 'bigint':
      return readInteger(text, field, Number.MAX_SAFE_INTEGER);
    case 'double':
      return readDouble(text, field);
    case 'boolean':
      return readBoolean(text, field);
    case 'date':
      return readDay(text, field);
  }
}
