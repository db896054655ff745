/** A message as it was cut from the input; `bytes` null = larger than a topic takes. */
export interface CutMessage {
  readonly bytes: Buffer | null;
  /** Line or item, from 1: for messages to the reader. */
  readonly place: number;
  /** Line on which it begins, from 1. */
  readonly line: number;
}

/** Cuts a stream of chunks into messages, holding at most one message. */
export interface Splitter {
  push(chunk: Buffer): CutMessage[];
  end(): CutMessage[];
}

const newline = 0x0a;

/** Collects the pieces of one message; beyond `maxBytes` it only counts. */
export function createPieces(maxBytes: number) {
  let pieces: Buffer[] = [];
  let size = 0;
  return {
    add(piece: Buffer): void {
      size += piece.length;
      if (size > maxBytes) pieces = [];
      else if (piece.length > 0) pieces.push(piece);
    },
    size: (): number => size,
    take(): Buffer | null {
      const [only, ...more] = pieces;
      const bytes = size > maxBytes ? null : only && more.length === 0 ? only : Buffer.concat(pieces);
      pieces = [];
      size = 0;
      return bytes;
    },
  };
}

const isBlank = (line: Buffer | null): boolean => line !== null && (line.length === 0 || (line.length === 1 && line[0] === 0x0d));

/**
 * One message a line, byte for byte without the newline; blank lines are none.
 *
 * @param firstLine  of the input that the splitter is given
 */
export function createLineSplitter(maxBytes: number, firstLine = 1): Splitter {
  const pieces = createPieces(maxBytes);
  let place = 0;
  const cut = (): CutMessage[] => {
    const bytes = pieces.take();
    place++;
    return isBlank(bytes) ? [] : [{ bytes, place, line: firstLine + place - 1 }];
  };
  return {
    push(chunk) {
      const messages: CutMessage[] = [];
      let start = 0;
      for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, start)) {
        pieces.add(chunk.subarray(start, at));
        messages.push(...cut());
        start = at + 1;
      }
      pieces.add(chunk.subarray(start));
      return messages;
    },
    end: () => (pieces.size() > 0 ? cut() : []),
  };
}
