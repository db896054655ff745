import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { VigilError } from '@vigil/core';

/** An input that can be read more than once. */
export interface Input {
  open(): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

const chunkBytes = 512 * 1024;

const openFile = (path: string): AsyncIterable<Buffer> => createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>;

async function fileInput(path: string): Promise<Input> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new VigilError('BAD_USAGE', { detail: `${path} cannot be read.`, cause });
  });
  if (found.isDirectory()) throw new VigilError('BAD_USAGE', { detail: `${path} is a directory.` });
  return { open: () => openFile(path), close: async () => {} };
}

/** What comes from a pipe is kept in a file of its owner's, since it has to be read twice. */
async function spooled(stdin: Readable): Promise<Input> {
  const directory = await mkdtemp(join(tmpdir(), 'vigil-send-'));
  const path = join(directory, 'input');
  const close = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    await pipeline(stdin, createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    await close();
    throw error;
  }
  return { open: () => openFile(path), close };
}

/**
 * @param file  a path, or `-` for standard input
 * @param passes  how often it will be read
 * @throws VigilError BAD_USAGE where the file cannot be read
 */
export async function openInput(file: string, { stdin, passes }: { readonly stdin: Readable; readonly passes: 1 | 2 }): Promise<Input> {
  if (file !== '-') return fileInput(file);
  if (passes === 2) return spooled(stdin);
  return { open: () => stdin as AsyncIterable<Buffer>, close: async () => {} };
}
