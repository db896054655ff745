import { WrittenNumber } from './written-number.ts';

/** Deeper nesting than any claim has; it bounds the recursion over unknown fields. */
const maxDepth = 32;

/** Members of a value and of all objects inside it; NaN where they stand too deep. */
function countMembers(value: unknown, depth: number): number {
  if (depth > maxDepth) return Number.NaN;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && item !== null) members += countMembers(item, depth + 1);
  } else if (!(value instanceof WrittenNumber)) {
    for (const key in value as object) {
      const member = (value as Readonly<Record<string, unknown>>)[key];
      members += typeof member === 'object' && member !== null ? 1 + countMembers(member, depth + 1) : 1;
    }
  }
  return members;
}

/** Colons outside strings: the members that were written, repeated ones included. */
function countWritten(bytes: Buffer): number {
  let members = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x3a) members++;
  }
  return members;
}

/** Whether each member of valid JSON was written once, at most 32 levels deep: parsers disagree on which of two amounts counts. */
export const isWrittenOnce = (bytes: Buffer, value: object): boolean => countWritten(bytes) === countMembers(value, 1);
