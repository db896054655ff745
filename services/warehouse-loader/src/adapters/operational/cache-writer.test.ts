import { expect, test } from '@jest/globals';
import type { StoredLatestVitals } from '@vigil/postgres';
import { createCacheWriter } from './cache-writer.ts';

const entry = (patientToken: string, revision: number): StoredLatestVitals => ({
  patientToken,
  revision,
  observedAt: 0,
  receivedAt: 0,
  vitals: {},
});

test('while a write is under way, only the newest entry of each patient waits', async () => {
  const first = Promise.withResolvers<void>();
  const written: string[][] = [];
  const writer = createCacheWriter(
    {
      get: () => Promise.resolve(null),
      async put(entries) {
        written.push(entries.map(({ patientToken, revision }) => `${patientToken}${revision}`));
        if (written.length === 1) await first.promise;
      },
    },
    () => undefined,
  );
  writer.write([entry('a', 1)]);
  writer.write([entry('a', 2), entry('b', 1)]);
  writer.write([entry('a', 3)]);
  first.resolve();
  await writer.settle();

  expect(written).toEqual([['a1'], ['a3', 'b1']]);
});

test('what cannot be written is counted and dropped, and nobody waits for it', async () => {
  const failed: number[] = [];
  const writer = createCacheWriter({ get: () => Promise.resolve(null), put: () => Promise.reject(new Error('away')) }, (count) =>
    failed.push(count),
  );
  await writer.settle();
  writer.write([]);
  writer.write([entry('a', 1), entry('b', 1)]);
  await writer.settle();

  expect(failed).toEqual([2]);
});
