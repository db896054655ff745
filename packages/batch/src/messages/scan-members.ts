/** Where a member's string value stands in the message: its first byte after the opening quote, and its closing quote. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const comma = 0x2c;
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

function afterSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at++;
  return at;
}

/** The closing quote of the string whose first byte is at `from`; the end of the bytes where it has none. */
function closingQuote(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return Math.min(at, bytes.length);
}

/** The comma or brace that ends the value at `from`, or the end of the bytes. */
function endOfValue(bytes: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) at = closingQuote(bytes, at + 1);
    else if (byte === openBrace || byte === openBracket) depth++;
    else if (depth === 0 && (byte === comma || byte === closeBrace)) return at;
    else if (byte === closeBrace || byte === closeBracket) depth--;
  }
  return bytes.length;
}

/**
 * Finds string members at the top level of a JSON object, without asking that the rest of it be right: a device's
 * malformed message still has a key, and is sent as it stands. Of a member that repeats the last counts, as in JSON.
 */
export function scanMembers(bytes: Buffer, names: readonly string[]): Map<string, TextRange> {
  const found = new Map<string, TextRange>();
  let at = afterSpace(bytes, 0);
  if (bytes[at] !== openBrace) return found;
  for (at = afterSpace(bytes, at + 1); bytes[at] === quote; at = afterSpace(bytes, at)) {
    const nameEnd = closingQuote(bytes, at + 1);
    const name = bytes.toString('utf8', at + 1, nameEnd);
    at = afterSpace(bytes, nameEnd + 1);
    if (bytes[at] !== colon) break;
    const value = afterSpace(bytes, at + 1);
    if (names.includes(name)) {
      if (bytes[value] === quote) found.set(name, { start: value + 1, end: closingQuote(bytes, value + 1) });
      else found.delete(name);
    }
    at = endOfValue(bytes, value);
    if (bytes[at] === comma) at = afterSpace(bytes, at + 1);
  }
  return found;
}

/** The text of a range as JSON reads it; undefined where it is not a JSON string. */
export function textOf(bytes: Buffer, { start, end }: TextRange): string | undefined {
  const raw = bytes.toString('utf8', start, end);
  if (!raw.includes('\\')) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return undefined;
  }
}
