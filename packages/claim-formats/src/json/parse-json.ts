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

/**
 * The decimal text of a JSON number; null = the value is none. The shortest text of a double that came of at most 15 digits
 * is the number that was written, so that no amount passes through floating point.
 */
export function decimalTextOf(value: unknown): string | null {
  if (value instanceof WrittenNumber) return value.text;
  return typeof value === 'number' ? String(value) : null;
}
