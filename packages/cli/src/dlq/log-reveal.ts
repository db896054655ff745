import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VigilError } from '@vigil/core';

export interface Reveal {
  readonly at: string;
  readonly user: string;
  readonly topic: string;
  readonly records: number;
  readonly reason: string;
}

/**
 * Notes who saw patient data and why, before it is shown.
 *
 * @throws VigilError DISK_UNWRITABLE: what cannot be noted is not shown
 */
export async function logReveal(file: string, reveal: Reveal): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await appendFile(file, `${JSON.stringify(reveal)}\n`, { mode: 0o600 });
  } catch (cause) {
    throw new VigilError('DISK_UNWRITABLE', { detail: `${file}: a reveal that cannot be noted is refused.`, cause });
  }
}
