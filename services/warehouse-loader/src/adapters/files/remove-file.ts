import { rm } from 'node:fs/promises';
import { VigilError } from '@vigil/core';

/** Removes a file, whether or not it was ever made. @throws VigilError DISK_UNWRITABLE */
export async function removeFile(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // Its directory was never made.
    if (code === 'ENOTDIR') return;
    throw new VigilError('DISK_UNWRITABLE', { detail: `${path}: ${code}.`, cause });
  }
}
