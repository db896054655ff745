import { isUtf8 } from 'node:buffer';
import type { ErrorCode } from '@vigil/core';
import { isWrittenOnce } from './repeated-members.ts';
import { WrittenNumber } from './written-number.ts';

export type JsonValue = Readonly<Record<string, unknown>>;

export const isJsonObject = (value: unknown): value is JsonValue =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber);

/** A double keeps 15 digits of any number: of longer runs of digits and points the text is needed. */
const longNumber = /[\d.]{16}/;

/** Since ES2025 a reviver is told the text of a primitive. */
type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;

const keepText: Reviver = (_key, value, context) =>
  typeof value === 'number' && context?.source !== undefined && longNumber.test(context.source) ? new WrittenNumber(context.source) : value;

export type JsonRead = { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly code: ErrorCode };

/** Reads one JSON object: strict UTF-8 without a byte-order mark, no member twice, at most 32 levels deep. */
export function parseJsonObject(bytes: Buffer): JsonRead {
  if (bytes.length === 0) return { ok: false, code: 'EMPTY_VALUE' };
  if (!isUtf8(bytes) || (bytes[0] === 0xef && bytes[1] === 0xbb)) return { ok: false, code: 'INVALID_UTF8' };
  const text = bytes.toString('utf8');
  try {
    const value: unknown = longNumber.test(text) ? JSON.parse(text, keepText) : JSON.parse(text);
    return isJsonObject(value) && isWrittenOnce(bytes, value) ? { ok: true, value } : { ok: false, code: 'BAD_SHAPE' };
  } catch {
    return { ok: false, code: 'NOT_JSON' };
  }
}

/** More digits than any amount or quantity that is counted: how far beyond or how fine does not matter. */
const mostDigits = 24;

/**
 * A JSON number as plain decimal text without an exponent, exactly; null = the value is none. Far beyond what is counted
 * it is some number that is also beyond; far finer, some number that is also too fine.
 */
export function amountTextOf(value: unknown): string | null {
  const text = decimalTextOf(value);
  if (text === null || (text.length <= mostDigits && !text.includes('e') && !text.includes('E') && !text.endsWith('y'))) return text;
  // A number beyond doubles is parsed as infinite.
  if (text.endsWith('y')) return `${text.startsWith('-') ? '-' : ''}${'9'.repeat(mostDigits)}`;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/0+$/, '');
  const significant = digits.replace(/^0+/, '');
  // Digits before the point, once leading zeros are left out.
  const point = whole.length - (digits.length - significant.length) + Number(exponent);
  if (significant === '') return '0';
  if (point > mostDigits) return `${sign}${'9'.repeat(mostDigits)}`;
  if (point < -mostDigits) return `${sign}0.${'0'.repeat(mostDigits - 1)}1`;
  const padded = significant.padEnd(point, '0');
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${significant}`;
  return point >= padded.length ? `${sign}${padded}` : `${sign}${padded.slice(0, point)}.${padded.slice(point)}`;
}

/**
 * The decimal text of a JSON number; null = the value is none. The shortest text of a double that came of at most 15 digits
 * is the number that was written, so that no amount passes through floating point.
 */
export function decimalTextOf(value: unknown): string | null {
  if (value instanceof WrittenNumber) return value.text;
  return typeof value === 'number' ? String(value) : null;
}
