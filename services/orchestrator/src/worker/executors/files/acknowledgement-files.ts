import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExtractRequest } from '@vigil/batch';

const plain = (text: string): string => text.replaceAll(/[^\w.-]/g, '_');

/**
 * Keeps acknowledgements as files named after the file that asked for them, its interchange and their order in it: an
 * attempt that is repeated writes the same ones again.
 */
export function createAcknowledgementFiles(directory: string): NonNullable<ExtractRequest['onAcknowledgement']> {
  const counts = new Map<string, number>();
  return async ({ source, type, interchangeControl, bytes }) => {
    const stem = `${plain(source)}.${plain(interchangeControl)}.${type}`;
    const count = (counts.get(stem) ?? 0) + 1;
    counts.set(stem, count);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(join(directory, `${stem}${count === 1 ? '' : `.${count}`}.ack`), bytes, { mode: 0o600 });
  };
}
