import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { runChunks, type ChunkWork } from './chunk-rhythm.ts';

interface Given {
  /** An item, or how long its source is silent. */
  readonly feed: readonly (string | number)[];
  readonly fullAt?: number;
  readonly lastAt?: string;
  readonly maxAgeMs?: number;
  readonly signal?: AbortSignal;
  readonly write?: () => Promise<void>;
}

async function rhythm({ feed, fullAt = 2, lastAt, maxAgeMs = 60_000, signal = new AbortController().signal, write }: Given) {
  const written: string[][] = [];
  let open: string[] = [];
  let isClosed = false;
  const items = (async function* () {
    try {
      for (const next of feed) {
        if (typeof next === 'number') await sleep(next);
        else yield next;
      }
    } finally {
      isClosed = true;
    }
  })();
  const work: ChunkWork<string> = {
    items,
    signal,
    maxAgeMs,
    take: (item) => {
      open.push(item);
      return item === lastAt ? 'last' : open.length >= fullAt ? 'full' : 'open';
    },
    isEmpty: () => open.length === 0,
    write: async () => {
      const chunk = open;
      open = [];
      await write?.();
      written.push(chunk);
    },
  };
  const failure = await runChunks(work).then(
    () => null,
    (error: unknown) => error,
  );
  return { written, open, failure, isClosed: () => isClosed };
}

test('a full chunk is written while the next one is read; what is open at the end is left to the caller', async () => {
  expect(await rhythm({ feed: ['a', 'b', 'c', 'd', 'e'] })).toMatchObject({ written: [['a', 'b'], ['c', 'd']], open: ['e'], failure: null }); // prettier-ignore
});

test('an item waits no longer than its age, also behind a chunk that is being written', async () => {
  expect((await rhythm({ feed: ['a', 60, 'b'], maxAgeMs: 10 })).written).toEqual([['a']]);

  const slow = await rhythm({ feed: ['a', 'b', 'c', 150], maxAgeMs: 20, write: () => sleep(60) });
  expect(slow).toMatchObject({ written: [['a', 'b'], ['c']], open: [] });
});

test('a source that has more is read no further once it was told so', async () => {
  const { written, open, isClosed } = await rhythm({ feed: ['a', 'b', 'c', 'd'], lastAt: 'c' });
  await sleep(1);

  expect({ written, open }).toEqual({ written: [['a', 'b']], open: ['c'] });
  expect(isClosed()).toBe(true);
});

test('a target that fails ends the reading, and its failure is told', async () => {
  const { failure, written } = await rhythm({ feed: ['a', 'b', 'c', 'd', 'e', 'f'], write: () => Promise.reject(new Error('full disk')) });

  expect(failure).toMatchObject({ message: 'full disk' });
  expect(written).toEqual([]);
});

test.each([
  ['before it begins', () => AbortSignal.abort()],
  ['while its source is silent', () => AbortSignal.timeout(20)],
])('a job that is told to stop %s stops, and writes nothing more', async (_when, signal) => {
  const { failure, written } = await rhythm({ feed: [5, 'a', 200, 'b', 'c'], signal: signal() });

  expect(failure).toMatchObject({ code: 'JOB_STOPPED' });
  expect(written).toEqual([]);
});
