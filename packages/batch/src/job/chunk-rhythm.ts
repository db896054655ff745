import { stoppedBy } from './stop-signal.ts';

/** When what was taken so far is written down. */
export interface ChunkLimits {
  readonly records: number;
  readonly bytes: number;
  /** Age of the first item that waits. */
  readonly ms: number;
}

export const defaultChunkLimits: ChunkLimits = { records: 5_000, bytes: 4 * 1024 * 1024, ms: 1_000 };

export interface ChunkWork<Item> {
  readonly items: AsyncIterable<Item>;
  readonly signal: AbortSignal;
  readonly maxAgeMs: number;
  /** Takes an item into the open chunk. `last`: nothing more is read, though the source has more. */
  readonly take: (item: Item) => 'open' | 'full' | 'last';
  /** Whether the open chunk holds anything. */
  readonly isEmpty: () => boolean;
  /** Closes the open chunk and writes it; not called again before it is done. */
  readonly write: () => Promise<void>;
}

/**
 * Reads items into chunks and writes each when it is full or old enough, while the next one is read: two chunks are in
 * memory at most, and a slow target slows the reading. Resolves when the source has ended or `take` said `last`; what
 * the open chunk holds then is the caller's to write.
 *
 * @throws what reading, `take` or writing throws, JOB_STOPPED on the signal; the open chunk is then dropped
 */
export async function runChunks<Item>({ items, signal, maxAgeMs, take, isEmpty, write }: ChunkWork<Item>): Promise<void> {
  const failed = Promise.withResolvers<never>();
  let isOver = false;
  let writing: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let isOld = false;
  const fail = (error: unknown): void => {
    isOver = true;
    failed.reject(error);
  };

  const writeOnce = async (): Promise<void> => {
    try {
      await write();
    } catch (error) {
      fail(error);
    }
    writing = null;
    if (isOld && !isOver) flush();
  };
  const flush = (): void => {
    if (timer) clearTimeout(timer);
    timer = null;
    isOld = false;
    writing = writeOnce();
  };
  const onOld = (): void => {
    isOld = true;
    if (writing === null && !isOver) flush();
  };
  const settle = async (): Promise<void> => {
    while (writing) await writing;
  };
  const iterator = items[Symbol.asyncIterator]();
  const fill = async (): Promise<void> => {
    for (let next = await iterator.next(); !next.done && !isOver; next = await iterator.next()) {
      const state = take(next.value);
      if (!isEmpty()) timer ??= setTimeout(onOld, maxAgeMs);
      if (state === 'open') continue;
      await settle();
      if (state === 'last' || isOver) return;
      // The chunk may have been written for its age meanwhile.
      if (!isEmpty()) flush();
    }
    await settle();
  };
  const onAbort = (): void => fail(stoppedBy(signal));
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    await Promise.race([failed.promise, fill()]);
  } finally {
    isOver = true;
    if (timer) clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    // Not waited for: a source that hangs would hold us; what it throws while it is closed matters to nobody.
    void iterator.return?.().catch(() => undefined);
    await settle();
  }
}
