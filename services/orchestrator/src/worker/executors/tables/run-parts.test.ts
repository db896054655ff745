import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import type { JobCounts } from '@vigil/batch';
import { runParts } from './run-parts.ts';

const countsOf = (read: number): JobCounts => ({ read, written: read, rejected: 0, skipped: 0 });
const signal = new AbortController().signal;

test('the counts of all parts are told together, while they run and at their end', async () => {
  const told: number[] = [];
  const counts = await runParts({
    of: 3,
    signal,
    progress: ({ read }) => void told.push(read),
    run: async ({ part, of }, _, tell) => {
      tell(countsOf(1));
      return countsOf(of + part);
    },
  });
  expect(counts).toEqual(countsOf(3 + 4 + 5));
  expect(told.slice(0, 3)).toEqual([1, 2, 3]);
  expect(told.at(-1)).toBe(12);
});

test('the first failure stops the other parts and is thrown when they have ended', async () => {
  const ended: number[] = [];
  const failing = runParts({
    of: 3,
    signal,
    progress: () => {},
    run: async ({ part }, stop) => {
      if (part === 1) throw new Error('the first');
      if (!stop.aborted) await once(stop, 'abort');
      ended.push(part);
      throw new Error('stopped');
    },
  });
  await expect(failing).rejects.toThrow('the first');
  expect(ended).toEqual([0, 2]);
});
