import { createGunzip, createInflateRaw } from 'node:zlib';

/** So little is inflated at once that what comes of it stays small: deflate makes at most about a thousand times as much. */
const sliceBytes = 8 * 1024;

export interface Inflater {
  /** @returns what came of it; `ended` = the compressed data ended, with `surplus` bytes of the slice left over */
  push(slice: Buffer): Promise<{ readonly chunks: Buffer[]; readonly ended: boolean; readonly surplus: number; readonly failed: boolean }>;
  /** No more comes. */
  end(): Promise<{ readonly chunks: Buffer[]; readonly failed: boolean }>;
  close(): void;
}

/** Inflates slice by slice. Damaged data are told, not thrown. */
export function createInflater(kind: 'gzip' | 'raw'): Inflater {
  const stream = kind === 'gzip' ? createGunzip() : createInflateRaw();
  let chunks: Buffer[] = [];
  let ended = false;
  let failed = false;
  let fed = 0;
  stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
  stream.on('end', () => void (ended = true));
  stream.on('error', () => void (failed = true));
  const take = (): Buffer[] => {
    const given = chunks;
    chunks = [];
    return given;
  };
  // One listener for all slices: what waits for the end of a broken stream is let go by it.
  let onClosed = (): void => {};
  stream.on('close', () => onClosed());
  const settled = (write: (done: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      onClosed = resolve;
      write(() => setImmediate(resolve));
    });
  return {
    async push(slice) {
      fed += slice.length;
      await settled((done) => stream.write(slice, done));
      return { chunks: take(), ended, surplus: ended ? fed - stream.bytesWritten : 0, failed };
    },
    async end() {
      // Closed by itself once all was given out, or the damage found.
      if (!stream.closed) {
        await new Promise<void>((resolve) => {
          onClosed = resolve;
          stream.end();
        });
      }
      return { chunks: take(), failed };
    },
    close: () => void stream.destroy(),
  };
}

export const slicesOf = function* (chunk: Buffer): Generator<Buffer> {
  for (let from = 0; from < chunk.length; from += sliceBytes) yield chunk.subarray(from, from + sliceBytes);
};

/** Chunks that can tell, once all were read, whether their compressed form was damaged. */
export interface InflatedChunks extends AsyncIterable<Buffer> {
  readonly failed: () => boolean;
}

/** The content of a gzip stream, of all its members. @throws what reading the source throws */
export function gunzip(source: AsyncIterable<Buffer>): InflatedChunks {
  let failed = false;
  return {
    failed: () => failed,
    async *[Symbol.asyncIterator]() {
      const inflater = createInflater('gzip');
      try {
        for await (const chunk of source) {
          for (const slice of slicesOf(chunk)) {
            const inflated = await inflater.push(slice);
            yield* inflated.chunks;
            if (inflated.failed) return void (failed = true);
          }
        }
        const last = await inflater.end();
        yield* last.chunks;
        failed = last.failed;
      } finally {
        inflater.close();
      }
    },
  };
}
