import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hold } from '@vigil/claim-formats';

/** Reads bytes of the input again, from `offset` on; null where it can be read only once, or not as it stands. */
export type Reread = ((offset: number, bytes: number) => AsyncIterable<Buffer>) | null;

/** So much of an interchange stays in memory: most are smaller. */
const mostHeldBytes = 8 * 1024 * 1024;
const chunkBytes = 64 * 1024;

/** Keeps nothing: what it would keep is read from the file again. */
const rereadHold = (reread: NonNullable<Reread>, offset: number): Hold => {
  let kept = 0;
  return {
    keep: (bytes) => void (kept += bytes.length),
    read: () => (kept === 0 ? [] : reread(offset, kept)),
    drop: () => {},
  };
};

/** Keeps a small interchange in memory, a larger one in a file that only its owner can read. */
function spillHold(memoryBytes: number): Hold {
  let inMemory: Buffer[] = [];
  let bytesInMemory = 0;
  let file: FileHandle | null = null;
  let directory: string | null = null;
  const spill = async (): Promise<FileHandle> => {
    directory = await mkdtemp(join(tmpdir(), 'vigil-claims-'));
    const opened = await open(join(directory, 'interchange'), 'wx', 0o600);
    await opened.writev(inMemory);
    inMemory = [];
    return opened;
  };
  return {
    async keep(bytes) {
      if (file) return void (await file.write(bytes));
      inMemory.push(bytes);
      bytesInMemory += bytes.length;
      if (bytesInMemory > memoryBytes) file = await spill();
    },
    read: () =>
      directory === null
        ? inMemory
        : (createReadStream(join(directory, 'interchange'), { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>),
    async drop() {
      inMemory = [];
      await file?.close();
      if (directory !== null) await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * How an interchange of the file is kept until its trailer was seen.
 * @param memoryBytes  beyond them a pipe's is kept in a file
 */
export const createHoldOf =
  ({ reread }: { readonly reread: Reread }, memoryBytes = mostHeldBytes) =>
  (offset: number): Hold =>
    reread === null ? spillHold(memoryBytes) : rereadHold(reread, offset);
