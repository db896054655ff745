import { expect, test } from '@jest/globals';
import type { Transaction } from '@vigil/postgres';
import { CommittedKeys } from './key-cache.ts';

const transaction = {} as Transaction;

test('keys are asked for once, and remembered only when they were committed', async () => {
  const asked: string[][] = [];
  const cache = new CommittedKeys((_, missing) => {
    asked.push([...missing]);
    return Promise.resolve(missing.map((natural) => ({ natural, key: natural.length })));
  });
  const find = () => cache.keysOf(transaction, new Set(['bb', 'a']), 1);
  await find();
  const found = await find();
  cache.commit(found);
  expect(Object.fromEntries(await find())).toEqual({ a: 1, bb: 2 });

  expect(asked).toEqual([
    ['a', 'bb'],
    ['a', 'bb'],
  ]);
});

test('it starts anew when it is full, and a row that vanished is a conflict', async () => {
  let asked = 0;
  const cache = new CommittedKeys((_, missing) => {
    asked++;
    return Promise.resolve(missing.filter((natural) => natural !== 'gone').map((natural) => ({ natural, key: 1 })));
  }, 2);
  cache.commit(await cache.keysOf(transaction, new Set(['a', 'b']), 1));
  cache.commit(await cache.keysOf(transaction, new Set(['c']), 1));
  await cache.keysOf(transaction, new Set(['a']), 1);
  expect(asked).toBe(3);
  await expect(cache.keysOf(transaction, new Set(['gone']), 1)).rejects.toMatchObject({ code: 'DATABASE_CONFLICT' });
});
