import type { ErrorCode } from '@vigil/core';

const maxCharacters = 128;
/** Controls, format and bidirectional marks, lone surrogates, private use and unassigned; line and paragraph separators. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/u;

/** Printable ASCII without a space at its ends: what almost every text is, told without taking it apart. */
function isPlainAscii(text: string): boolean {
  const { length } = text;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return text.charCodeAt(0) !== 0x20 && text.charCodeAt(length - 1) !== 0x20;
}

/** Whether `text` has 1 to 128 characters, all printable, without white space at its ends (`"PAT_1 "` would be a second patient). */
function isIdentifier(text: string): boolean {
  if (text.length <= maxCharacters && isPlainAscii(text)) return true;
  // A character outside the basic plane counts once; the first bound keeps a 4 MB string from being spread out.
  return text.length <= 2 * maxCharacters && Array.from(text).length <= maxCharacters && text.trim() === text && !unprintable.test(text);
}

/** What is wrong with an identifier: MISSING_ID, BAD_SHAPE (no string) or BAD_ID; null where nothing is. */
export function identifierProblem(value: unknown): ErrorCode | null {
  if (value === undefined || value === null || value === '') return 'MISSING_ID';
  if (typeof value !== 'string') return 'BAD_SHAPE';
  return isIdentifier(value) ? null : 'BAD_ID';
}

/** Printable text of at most 128 characters for what people read (ward, device status): never refused, only cleaned. */
export function displayTextOf(value: unknown): string {
  if (typeof value !== 'string') return '';
  if (isIdentifier(value)) return value;
  const start = value.slice(0, 2 * maxCharacters);
  return Array.from(start.replace(new RegExp(unprintable, 'gu'), ' ').trim())
    .slice(0, maxCharacters)
    .join('')
    .trim();
}

/** `displayTextOf` for a member that says the same in almost every message: what was printable the last time is not looked at again. */
export function repeatedDisplayText(): (value: unknown) => string {
  let last = '';
  return (value) => {
    if (value === last) return last;
    const text = displayTextOf(value);
    if (text === value) last = text;
    return text;
  };
}
