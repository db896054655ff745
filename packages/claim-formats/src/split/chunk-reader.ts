import type { Chunks } from './piece.ts';

const nothing = Buffer.alloc(0);

/** An input that can be looked at before it is taken, and knows how far it was taken. */
export interface ChunkReader {
  /** At least `bytes` bytes, or all that are left; they stay. */
  peek(bytes: number): Promise<Buffer>;
  /** What comes next, in the size it comes; null = the input has ended. */
  next(): Promise<Buffer | null>;
  /** Gives back the tail of what `next` gave. */
  unread(tail: Buffer): void;
  /** Bytes that were taken. */
  offset(): number;
  /** The rest as chunks. */
  rest(): Chunks;
}

export function createChunkReader(chunks: Chunks): ChunkReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let waiting: Buffer = nothing;
  let taken = 0;
  let ended = false;

  const more = async (): Promise<boolean> => {
    if (ended) return false;
    const { done, value } = await iterator.next();
    if (done) ended = true;
    else waiting = waiting.length === 0 ? value : Buffer.concat([waiting, value]);
    return !done;
  };
  const next = async (): Promise<Buffer | null> => {
    while (waiting.length === 0) if (!(await more())) return null;
    const given = waiting;
    waiting = nothing;
    taken += given.length;
    return given;
  };
  return {
    async peek(bytes) {
      while (waiting.length < bytes) if (!(await more())) break;
      return waiting;
    },
    next,
    unread(tail) {
      waiting = waiting.length === 0 ? tail : Buffer.concat([tail, waiting]);
      taken -= tail.length;
    },
    offset: () => taken,
    async *rest() {
      for (let chunk = await next(); chunk !== null; chunk = await next()) yield chunk;
    },
  };
}
