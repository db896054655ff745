import { Readable } from 'node:stream';
import { isVigilError, VigilError } from '@vigil/core';
import type { FoundFile } from './file-source.ts';

export interface StreamGuard {
  readonly source: string;
  readonly file: FoundFile;
  readonly offset: number;
  /** Without a byte for so long the source counts as gone. */
  readonly idleMs: number;
  /** Whether it is still the file that was listed, asked after its last byte. */
  readonly isSame: () => Promise<boolean>;
}

/** The next chunk, or SOURCE_AWAY when none comes in time. */
async function nextChunk(iterator: AsyncIterator<Buffer>, { source, idleMs }: StreamGuard): Promise<IteratorResult<Buffer>> {
  let timer: NodeJS.Timeout | undefined;
  const idle = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new VigilError('SOURCE_AWAY', { detail: `Source ${source}: no byte for ${idleMs} ms.` })), idleMs);
  });
  try {
    return await Promise.race([iterator.next(), idle]);
  } catch (error) {
    throw isVigilError(error) ? error : new VigilError('SOURCE_AWAY', { detail: `Source ${source}.`, cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function* guarded(bytes: Readable, guard: StreamGuard): AsyncGenerator<Buffer> {
  const { source, file, offset, isSame } = guard;
  const changed = (): never => {
    throw new VigilError('SOURCE_FILE_CHANGED', { detail: `Source ${source}.` });
  };
  let at = offset;
  try {
    const iterator = bytes[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    for (let next = await nextChunk(iterator, guard); !next.done; next = await nextChunk(iterator, guard)) {
      at += next.value.length;
      if (at > file.bytes) changed();
      yield next.value;
    }
  } finally {
    bytes.destroy();
  }
  if (at !== file.bytes || !(await isSame())) changed();
}

/**
 * The bytes of a file, which fail where they stop coming, are more or fewer than were listed, or are of a file that was
 * replaced meanwhile. What came before is of the listed file all the same: a reader goes on from there.
 */
export const guardStream = (bytes: Readable, guard: StreamGuard): Readable => {
  // A stream that fails before anybody reads it would end the process.
  bytes.on('error', () => undefined);
  return Readable.from(guarded(bytes, guard), { objectMode: false, highWaterMark: 256 * 1024 });
};
