import { isUtf8 } from 'node:buffer';
import type { ErrorCode } from '@vigil/core';
import { countColons, hasLongDigitRun, scanJson } from './scan-json.ts';

/** A JSON object as it was parsed; nothing of its content is trusted yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

export type MessageRead =
  | {
      readonly ok: true;
      readonly message: JsonObject;
      /** The bytes hold a number with more digits than a double keeps: two different messages could parse as one. */
      readonly lossy: boolean;
    }
  | { readonly ok: false; readonly code: ErrorCode };

/** What a `received` topic takes: 4 MiB. */
export const maxMessageBytes = 4 * 1024 * 1024;

/** Deeper nesting than any device sends; it bounds the recursion over unknown fields. */
const maxDepth = 32;

const refused = (code: ErrorCode): MessageRead => ({ ok: false, code });

const hasByteOrderMark = (bytes: Buffer): boolean => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

export const isJsonObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Members of a value and of all objects inside it; NaN where they stand deeper than `maxDepth`. */
function countMembers(value: object, depth: number): number {
  if (depth > maxDepth) return Number.NaN;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && item !== null) members += countMembers(item as object, depth + 1);
    return members;
  }
  for (const key in value) {
    const member = (value as JsonObject)[key];
    members += typeof member === 'object' && member !== null ? 1 + countMembers(member, depth + 1) : 1;
  }
  return members;
}

/**
 * Whether the text has no member twice and no number with too many digits, told without looking at every character; false
 * = not known. Without escapes its colons are those of the members written down and those inside strings. When there are
 * no more of them than members in the result and colons in the timestamp, every member was written once.
 */
function isPlain(text: string, { timestamp }: JsonObject, members: number): boolean {
  if (text.includes('\\') || hasLongDigitRun(text)) return false;
  return countColons(text) === members + (typeof timestamp === 'string' ? countColons(timestamp) : 0);
}

/**
 * Reads one JSON object from raw bytes: strict UTF-8 without a byte-order mark, at most 4 MiB, at most 32 levels deep.
 *
 * A member written twice (`"heart_rate": 72, …, "heart_rate": 0`) is BAD_SHAPE: parsers disagree on which one counts,
 * and a vital sign must not depend on it.
 *
 * @returns EMPTY_VALUE, MESSAGE_TOO_LARGE, INVALID_UTF8, NOT_JSON or BAD_SHAPE where it is none
 */
export function readMessage(bytes: Buffer): MessageRead {
  if (bytes.length === 0) return refused('EMPTY_VALUE');
  if (bytes.length > maxMessageBytes) return refused('MESSAGE_TOO_LARGE');
  if (!isUtf8(bytes) || hasByteOrderMark(bytes)) return refused('INVALID_UTF8');
  const text = bytes.toString('utf8');
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return refused('NOT_JSON');
  }
  if (!isJsonObject(message)) return refused('BAD_SHAPE');
  const members = countMembers(message, 1);
  if (isPlain(text, message, members)) return { ok: true, message, lossy: false };
  const written = scanJson(bytes);
  return written.depth <= maxDepth && written.members === members ? { ok: true, message, lossy: written.lossy } : refused('BAD_SHAPE');
}
