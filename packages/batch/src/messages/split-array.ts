import { createLineSplitter, createPieces, type CutMessage, type Splitter } from './split-lines.ts';

const newline = 0x0a;
const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const isOpening = (byte: number): boolean => byte === 0x7b || byte === 0x5b;
const isClosing = (byte: number): boolean => byte === 0x7d || byte === 0x5d;
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

function trimmedEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && isSpace(bytes[end - 1] as number)) end--;
  return bytes.subarray(0, end);
}

/**
 * The items of a JSON array, each byte for byte; the input begins with the array's bracket. Items that are no JSON are
 * cut as well as they can be; an array that never ends gives what there was of its last item. What follows the array
 * is cut into lines.
 *
 * @param firstLine  on which the array begins
 */
export function createArraySplitter(maxBytes: number, firstLine = 1): Splitter {
  const pieces = createPieces(maxBytes);
  let rest = createLineSplitter(maxBytes);
  let line = firstLine;
  let itemLine = firstLine;
  let place = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let inItem = false;
  let over = false;

  const cut = (): CutMessage[] => {
    if (!inItem) return [];
    inItem = false;
    const bytes = pieces.take();
    place++;
    return [{ bytes: bytes && trimmedEnd(bytes), place, line: itemLine }];
  };

  /** Follows one byte; true = it ends an item (or the array) and belongs to none. */
  const ends = (byte: number): boolean => {
    if (inString) {
      if (escaped) escaped = false;
      else if (byte === backslash) escaped = true;
      else if (byte === quote) inString = false;
      return false;
    }
    if (depth === 1 && (byte === comma || isClosing(byte))) return true;
    if (byte === quote) inString = true;
    else if (isOpening(byte)) depth++;
    else if (isClosing(byte)) depth--;
    return false;
  };

  return {
    push(chunk) {
      if (over) return rest.push(chunk);
      const messages: CutMessage[] = [];
      let start = 0;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at] as number;
        if (byte === newline) line++;
        const opensArray = depth === 0;
        const ended = ends(byte);
        if (ended) {
          if (inItem) pieces.add(chunk.subarray(start, at));
          messages.push(...cut());
          if (byte === comma) continue;
          over = true;
          rest = createLineSplitter(maxBytes, line);
          return [...messages, ...rest.push(chunk.subarray(at + 1))];
        }
        if (opensArray || inItem || isSpace(byte)) continue;
        inItem = true;
        itemLine = line;
        start = at;
      }
      if (inItem) pieces.add(chunk.subarray(start));
      return messages;
    },
    end: () => [...cut(), ...rest.end()],
  };
}
