import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { VigilError } from '@vigil/core';

/** One file to send, or one that cannot be. */
export interface ClaimFile {
  /** As a person knows it: the name of the file, or its path below the directory. */
  readonly name: string;
  /** Null = standard input. */
  readonly path: string | null;
  /** Throws where it cannot be read. */
  open(): AsyncIterable<Buffer>;
  /** Bytes from `offset` on; null where the input can be read only once, or not as it stands. */
  readonly reread: ((offset: number, bytes: number) => AsyncIterable<Buffer>) | null;
}

// Small, so that what comes of a chunk dies young: claims are read a third faster than from chunks of 512 kB.
const chunkBytes = 64 * 1024;

const readFrom = (path: string, range: { readonly start?: number; readonly end?: number } = {}): AsyncIterable<Buffer> =>
  createReadStream(path, { highWaterMark: chunkBytes, ...range }) as AsyncIterable<Buffer>;

const packed = [Buffer.of(0x1f, 0x8b), Buffer.from('PK')];

/** Whether the file is a gzip or zip: then its places are not those of its content. */
async function isPacked(path: string): Promise<boolean> {
  const file = await open(path).catch(() => null);
  if (file === null) return false;
  try {
    const head = Buffer.alloc(2);
    const { bytesRead } = await file.read(head, 0, 2, 0);
    return bytesRead === 2 && packed.some((magic) => magic.equals(head));
  } finally {
    await file.close();
  }
}

async function fileAt(path: string, name: string): Promise<ClaimFile> {
  // A pipe or device cannot be read from a place again.
  const isPlain = (await stat(path).catch(() => null))?.isFile() === true && !(await isPacked(path));
  const reread = isPlain ? (offset: number, bytes: number) => readFrom(path, { start: offset, end: offset + bytes - 1 }) : null;
  return { name, path, open: () => readFrom(path), reread };
}

/** Files of a directory and those below it, by name; hidden ones and acknowledgements are left out. */
async function* filesBelow(directory: string, prefix: string): AsyncGenerator<ClaimFile> {
  const entries = (await readdir(directory, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name.endsWith('.ack')) continue;
    const path = join(directory, entry.name);
    const name = join(prefix, entry.name);
    if (!entry.isDirectory()) yield await fileAt(path, name);
    else yield* readable(filesBelow(path, name), { path, name });
  }
}

/** A directory that cannot be listed is a file that cannot be read. */
async function* readable(
  files: AsyncGenerator<ClaimFile>,
  { path, name }: { readonly path: string; readonly name: string },
): AsyncGenerator<ClaimFile> {
  try {
    yield* files;
  } catch (cause) {
    const fail = (): never => {
      throw cause;
    };
    yield { name, path, open: fail, reread: null };
  }
}

/**
 * The files that `vigil send claims` was given: one, all of a directory, or standard input.
 * @throws VigilError BAD_USAGE where there is nothing at the path
 */
export async function* listClaimFiles(path: string, stdin: Readable): AsyncGenerator<ClaimFile> {
  if (path === '-') return yield { name: 'standard input', path: null, open: () => stdin as AsyncIterable<Buffer>, reread: null };
  const found = await stat(path).catch((cause: unknown) => {
    throw new VigilError('BAD_USAGE', { detail: `${path} cannot be read.`, cause });
  });
  if (found.isDirectory()) yield* filesBelow(path, '');
  else yield await fileAt(path, basename(path));
}
