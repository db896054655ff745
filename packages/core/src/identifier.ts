import type { ErrorCode } from './error-catalogue.ts';

/** No identifier is longer; counted in characters, so one outside the basic plane counts once. */
export const maxIdentifierCharacters = 128;
/** Controls, format and bidirectional marks, lone surrogates, private use and unassigned; line and paragraph separators. */
export const unprintable = /[\p{C}\p{Zl}\p{Zp}]/u;

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
export function isIdentifier(text: string): boolean {
  if (text.length <= maxIdentifierCharacters && isPlainAscii(text)) return true;
  // The first bound keeps a 4 MB string from being spread out.
  const isShort = text.length <= 2 * maxIdentifierCharacters && Array.from(text).length <= maxIdentifierCharacters;
  return isShort && text.trim() === text && !unprintable.test(text);
}

/** What is wrong with an identifier: MISSING_ID, BAD_SHAPE (no string) or BAD_ID; null where nothing is. One rule for all that make tokens. */
export function identifierProblem(value: unknown): ErrorCode | null {
  if (value === undefined || value === null || value === '') return 'MISSING_ID';
  if (typeof value !== 'string') return 'BAD_SHAPE';
  return isIdentifier(value) ? null : 'BAD_ID';
}
