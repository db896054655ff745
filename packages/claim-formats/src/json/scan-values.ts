/** A JSON value that was cut out of a stream of them, byte for byte; null bytes = it is larger than a claim may be. */
export interface CutValue {
  readonly bytes: Buffer;
  /** Place in the input, from 0. */
  readonly offset: number;
  /** Line on which it begins, from 1. */
  readonly line: number;
  /** First and last of a value that comes in several pieces, because it is too large. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Whether its brackets and quotes close. */
  readonly isWhole: boolean;
}

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket, comma, colon, newline] = [
  0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a, 0x0a,
] as const;

export interface ValueScanner {
  push(chunk: Buffer): CutValue[];
  end(): CutValue[];
}

/**
 * Cuts the values of JSON arrays, and values that stand one after the other, whatever lines they take. A value that breaks
 * off is cut where a line begins with the brace of the next: inside an object a brace can only follow a colon.
 *
 * @param maxBytes  a larger value is given piece by piece
 */
export function scanValues(maxBytes: number): ValueScanner {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let offset = 0;
  let line = 1;
  let begun: { readonly offset: number; readonly line: number } | null = null;
  let isFirst = true;
  let inString = false;
  let isEscaped = false;
  let last = 0;
  let inArray = false;
  let isLineStart = true;
  /** Open brackets, innermost last. */
  let brackets: number[] = [];
  let cut: CutValue[] = [];

  const give = (bytes: Buffer, isLast: boolean, isWhole: boolean): void => {
    if (begun === null) return;
    cut.push({ bytes, ...begun, isFirst, isLast, isWhole });
    isFirst = false;
  };
  const take = (tail: Buffer): Buffer => {
    const bytes = kept.length === 0 ? tail : Buffer.concat([...kept, tail]);
    kept = [];
    keptBytes = 0;
    return bytes;
  };
  const finish = (tail: Buffer, isWhole: boolean): void => {
    give(trimEnd(take(tail)), true, isWhole);
    begun = null;
    inString = false;
    isEscaped = false;
    brackets = [];
    last = 0;
  };
  const begin = (at: number): void => {
    begun = { offset: offset + at, line };
    isFirst = true;
  };

  /** @returns whether the value ends before (`before`) or after (`after`) this byte */
  const step = (byte: number, atLineStart: boolean): 'before' | 'after' | null => {
    if (inString) {
      if (isEscaped) isEscaped = false;
      else if (byte === backslash) isEscaped = true;
      else if (byte === quote) inString = false;
      // No string goes over a line: what follows tells whether the next value begins.
      else if (byte === newline) inString = false;
      return null;
    }
    if (byte === newline && brackets.length === 0) return 'before';
    if (byte <= 0x20) return null;
    if (brackets.length === 0 && (byte === comma || byte === closeBracket)) return 'before';
    if (byte === openBrace && atLineStart && brackets.length > 0 && isImpossible()) return 'before';
    if (byte === quote) inString = true;
    else if (byte === openBrace || byte === openBracket) brackets.push(byte);
    else if (byte === closeBrace || byte === closeBracket) brackets.pop();
    last = byte;
    return brackets.length === 0 && (byte === closeBrace || byte === closeBracket) ? 'after' : null;
  };
  /** Whether a brace cannot stand here: in an object it follows a colon, in an array a bracket or comma. */
  const isImpossible = (): boolean => (brackets.at(-1) === openBrace ? last !== colon : last !== openBracket && last !== comma);

  const scan = (chunk: Buffer): void => {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      const atLineStart = isLineStart;
      isLineStart = byte === newline;
      if (begun === null) {
        if (byte === newline) line++;
        if (byte <= 0x20 || (inArray && byte === comma)) continue;
        if (!inArray && byte === openBracket) inArray = true;
        else if (inArray && byte === closeBracket) inArray = false;
        else {
          begin(at);
          from = at;
          if (step(byte, false) === 'before') finish(chunk.subarray(at, at + 1), false);
        }
        continue;
      }
      const ends = step(byte, atLineStart);
      if (ends === 'after') finish(chunk.subarray(from, at + 1), true);
      else if (ends === 'before') {
        isLineStart = atLineStart;
        finish(chunk.subarray(from, at), brackets.length === 0);
        at--;
        continue;
      }
      if (byte === newline) line++;
    }
    if (begun !== null) hold(chunk.subarray(from));
    offset += chunk.length;
  };
  const hold = (bytes: Buffer): void => {
    kept.push(bytes);
    keptBytes += bytes.length;
    if (keptBytes > maxBytes) give(take(Buffer.alloc(0)), false, true);
  };

  return {
    push(chunk) {
      cut = [];
      scan(chunk);
      return cut;
    },
    end() {
      cut = [];
      if (begun !== null) finish(Buffer.alloc(0), false);
      return cut;
    },
  };
}

export function trimEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] as number) <= 0x20) end--;
  return bytes.subarray(0, end);
}
