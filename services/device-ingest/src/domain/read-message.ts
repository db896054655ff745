import { isUtf8 } from 'node:buffer';
import type { ErrorCode } from '@vigil/core';

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
/** A double keeps 15 digits of any number. */
const exactDigits = 15;

const refused = (code: ErrorCode): MessageRead => ({ ok: false, code });

const hasByteOrderMark = (bytes: Buffer): boolean => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

export const isJsonObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

interface Written {
  /** Colons outside strings: in valid JSON the members written down, repeated ones included. */
  readonly members: number;
  readonly depth: number;
  /** Longest run of digits outside strings. */
  readonly digits: number;
}

/** What `JSON.parse` does not tell, in one pass over the bytes. */
function scan(bytes: Buffer): Written {
  let members = 0;
  let depth = 0;
  let deepest = 0;
  let run = 0;
  let digits = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (inString) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inString = false;
    } else if (byte >= 0x30 && byte <= 0x39) {
      if (++run > digits) digits = run;
    } else {
      run = 0;
      if (byte === 0x22) inString = true;
      else if (byte === 0x3a) members++;
      else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth);
      else if (byte === 0x7d || byte === 0x5d) depth--;
    }
  }
  return { members, depth: deepest, digits };
}

/** Members of an object and of all objects inside it. */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) members += countMembers(item);
    return members;
  }
  for (const key in value) {
    const member = (value as JsonObject)[key];
    members += typeof member === 'object' ? 1 + countMembers(member) : 1;
  }
  return members;
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
  const written = scan(bytes);
  let message: unknown;
  try {
    message = JSON.parse(bytes.toString('utf8'));
  } catch {
    return refused('NOT_JSON');
  }
  if (!isJsonObject(message) || written.depth > maxDepth) return refused('BAD_SHAPE');
  return countMembers(message) === written.members ? { ok: true, message, lossy: written.digits > exactDigits } : refused('BAD_SHAPE');
}
