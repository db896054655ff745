import { createHash } from 'node:crypto';
import { elementText } from './x12-text.ts';

const digits = (text: string, count: number): string => createHash('sha256').update(text, 'utf8').digest('hex').slice(0, count);

/** An identifier of its own that has the form of a short one is shortened too: so no sender can take another's place. */
const looksShortened = (id: string): boolean => /\.[0-9a-f]{12,16}$/.test(id);

/**
 * An identifier as it may stand in an element, two of them never as one: what is too long, or holds a delimiter or a
 * character that X12 cannot write, is told by its beginning and a part of its SHA-256. The same identifier always has the same form.
 *
 * @param longest  of the element, 15 or more
 */
export function x12Identifier(id: string, longest: number): string {
  if (elementText(id, longest) === id && !looksShortened(id)) return id;
  const hashed = digits(id, longest < 30 ? 12 : 16);
  return `${elementText(id, longest - hashed.length - 1)}.${hashed}`;
}

/** CLP01 takes so many characters. */
export const longestClaimId = 38;
const longestPart = 50;

/** The whole of an identifier that CLP01 cannot tell, percent-encoded in parts that an element takes; none where CLP01 tells it. */
export function wholeIdParts(id: string): readonly string[] {
  if (x12Identifier(id, longestClaimId) === id) return [];
  // A delimiter that encodeURIComponent lets stand.
  const encoded = encodeURIComponent(id.toWellFormed()).replaceAll('~', '%7E').replaceAll('*', '%2A');
  return encoded.match(new RegExp(`.{1,${longestPart}}`, 'g')) ?? [];
}

/** The reverse: undefined while parts are missing, or where they belong to another identifier. */
export function wholeIdOf(shortened: string, parts: readonly string[]): string | undefined {
  try {
    const id = decodeURIComponent(parts.join(''));
    return x12Identifier(id, longestClaimId) === shortened ? id : undefined;
  } catch {
    return undefined;
  }
}
