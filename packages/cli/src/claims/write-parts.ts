import { open, rename, rm } from 'node:fs/promises';
import { VigilError } from '@vigil/core';

const flushAt = 1_000_000;

/**
 * Writes a text that never stands in memory whole. It gets its name when it is complete; what fails leaves nothing.
 *
 * @throws VigilError DISK_UNWRITABLE, and what `parts` throws
 */
export async function writeParts(path: string, parts: AsyncIterable<string>): Promise<void> {
  const unfinished = `${path}.part`;
  const onDisk = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } catch (cause) {
      throw new VigilError('DISK_UNWRITABLE', { detail: `${path}: ${(cause as NodeJS.ErrnoException).code}.`, cause });
    }
  };
  const file = await onDisk(open(unfinished, 'w', 0o600));
  try {
    let waiting = '';
    for await (const part of parts) {
      waiting += part;
      if (waiting.length < flushAt) continue;
      await onDisk(file.appendFile(waiting));
      waiting = '';
    }
    await onDisk(file.appendFile(waiting));
    await onDisk(file.close());
    await onDisk(rename(unfinished, path));
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** The items between a head and a tail, with what stands between two of them. */
export async function* joined(
  items: AsyncIterable<string>,
  { head = '', between, tail = '' }: { readonly head?: string; readonly between: string; readonly tail?: string },
): AsyncGenerator<string> {
  let before = head;
  for await (const item of items) {
    yield before + item;
    before = between;
  }
  // Without an item the head has not been written yet.
  yield (before === head ? head : '') + tail;
}
