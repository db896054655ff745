import { createHash } from 'node:crypto';
import { mkdir, open, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface WrittenFile {
  readonly bytes: number;
  readonly sha256: string;
}

const noDate = new Date(0);

/**
 * Writes a file that does not exist yet, to the disk and not only to memory. Its times are set to the epoch: the date of
 * a file of a live stream would tell the date of what is in it.
 */
export async function writeWholeFile(path: string, content: Uint8Array): Promise<WrittenFile> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'wx', 0o640);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await utimes(path, noDate, noDate);
  await syncDirectory(dirname(path));
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
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
