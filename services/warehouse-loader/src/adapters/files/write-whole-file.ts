import { createHash } from 'node:crypto';
import { mkdir, open, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VigilError } from '@vigil/core';

export interface WrittenFile {
  readonly bytes: number;
  readonly sha256: string;
}

const noDate = new Date(0);

/**
 * Writes a file that does not exist yet, to the disk and not only to memory. Its times are set to the epoch: the date of
 * a file of a live stream would tell the date of what is in it.
 *
 * @throws VigilError DISK_UNWRITABLE
 */
export async function writeWholeFile(path: string, content: Uint8Array): Promise<WrittenFile> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeNew(path, content);
    await syncDirectory(dirname(path));
  } catch (cause) {
    throw new VigilError('DISK_UNWRITABLE', { detail: `${dirname(path)}: ${(cause as NodeJS.ErrnoException).code}.`, cause });
  }
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

async function writeNew(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o640);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await utimes(path, noDate, noDate);
}

/** The name of the file must be on the disk, too. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
