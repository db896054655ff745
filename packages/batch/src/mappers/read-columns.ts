import { parseIsoDay } from '@vigil/claim-formats';
import { identifierProblem } from '@vigil/core';
import { read, wrong, type Read } from './reject-row.ts';

const isoDay = /^(\d{4}-\d{2}-\d{2})([T ]00:00(:00(\.0+)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?$/;
/** ICD-10-CM without its dot. */
const diagnosis = /^[A-Z]\d[0-9A-Z]{1,5}$/;

/** 1 to 128 printable characters. */
export function readIdentifier(row: Readonly<Record<string, unknown>>, field: string): Read<string> {
  const value = row[field];
  const problem = identifierProblem(typeof value === 'string' ? value.trim() : value);
  return problem === null ? read((value as string).trim()) : wrong(problem, field, 'expected 1 to 128 printable characters');
}

/** Days since 1970-01-01; null = empty. A time of day other than midnight is refused: no day is guessed from a zone. */
export function readDay(row: Readonly<Record<string, unknown>>, field: string, latestDay: number): Read<number | null> {
  const value = row[field];
  if (value === undefined || value === null || value === '') return read(null);
  const text = isoDay.exec(typeof value === 'string' ? value.trim() : '')?.[1];
  const day = text === undefined ? null : parseIsoDay(text);
  if (day === null) return wrong('BAD_DATE', field, 'expected a day as YYYY-MM-DD');
  return day > latestDay ? wrong('BAD_DATE', field, 'expected no day in the future') : read(day);
}

/** ICD-10-CM without its dot, in capitals; empty = none. */
export function readDiagnosis(row: Readonly<Record<string, unknown>>, field: string): Read<string> {
  const value = row[field] ?? '';
  const text = typeof value === 'string' ? value.trim().toUpperCase() : ' ';
  if (text === '') return read('');
  // The dot has one place: I1.0 is no code, and not I10 either.
  const code = text[3] === '.' ? text.slice(0, 3) + text.slice(4) : text;
  return diagnosis.test(code) ? read(code) : wrong('BAD_CODE', field, 'expected an ICD-10-CM code such as E11.9');
}

const decimal = /^([+-]?)(\d+)(?:\.(\d+))?$/;

/**
 * A DECIMAL(10,4) as ten-thousandths; null = none. Six digits before the point, four behind it; zeros at the ends do not count.
 * Text is read digit by digit: no double stands between the source and the record.
 */
export function readTenThousandths(row: Readonly<Record<string, unknown>>, field: string): Read<number | null> {
  const value = row[field];
  if (value === undefined || value === null || value === '') return read(null);
  const match = decimal.exec(typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '');
  if (!match) return wrong('BAD_NUMBER', field, 'expected a decimal number');
  const whole = (match[2] as string).replace(/^0+/, '');
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (whole.length > 6) return wrong('BAD_NUMBER', field, 'expected at most 6 digits before the point');
  if (fraction.length > 4) return wrong('BAD_NUMBER', field, 'expected at most 4 digits behind the point');
  const size = Number(`${whole}${fraction.padEnd(4, '0')}`);
  return read(match[1] === '-' && size !== 0 ? -size : size);
}

/** JSON as its source gives it: parsed already, or text. `null` = none. */
export function readJson(row: Readonly<Record<string, unknown>>, field: string): Read<unknown> {
  const value = row[field];
  if (value === undefined || value === null || value === '') return read(null);
  if (typeof value !== 'string') return read(value);
  try {
    return read(JSON.parse(value));
  } catch {
    return wrong('NOT_JSON', field, 'expected JSON');
  }
}
