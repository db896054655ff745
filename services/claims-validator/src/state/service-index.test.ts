import { expect, jest, test } from '@jest/globals';
import { ServiceIndex } from './service-index.ts';

test('claims of one member and day are found together, each once, until they are removed', () => {
  const index = new ServiceIndex();
  for (const key of ['a', 'a', 'b', 'c', 'c']) index.add('m', 1, key);
  index.add('m', 2, 'd');
  expect([index.keysOf('m', 1), index.keysOf('m', 2), index.keysOf('n', 1)]).toEqual([['a', 'b', 'c'], ['d'], []]);

  index.remove('m', 1, 'b');
  index.remove('m', 2, 'other');
  index.remove('m', 3, 'never');
  expect([index.keysOf('m', 1), index.keysOf('m', 2)]).toEqual([['a', 'c'], ['d']]);
  index.remove('m', 2, 'd');
  expect([index.keysOf('m', 2), index.size]).toEqual([[], 1]);
  index.clear();
  expect(index.keysOf('m', 1)).toEqual([]);
});

test('claims stand in the order of their keys, however many there are and whenever they came', () => {
  const keys = Array.from({ length: 30 }, (_, at) => `CLM_${10 + at}`);
  const one = new ServiceIndex();
  const other = new ServiceIndex();
  for (const key of keys) one.add('m', 1, key);
  for (const key of keys.toReversed()) other.add('m', 1, key);
  expect([one.keysOf('m', 1), other.keysOf('m', 1)]).toEqual([keys, keys]);

  // Down to one and to none, whichever way they are kept.
  for (const key of keys.slice(1)) one.remove('m', 1, key);
  expect(one.keysOf('m', 1)).toEqual(['CLM_10']);
  one.remove('m', 1, 'CLM_10');
  expect(one.size).toBe(0);
});

test('of nobody nothing is kept', () => {
  const index = new ServiceIndex();
  index.add('', 1, 'a');
  index.remove('', 1, 'a');
  expect([index.size, index.keysOf('', 1)]).toEqual([0, []]);
});

test('one of thousands of claims is added and removed without a walk along the others', () => {
  const index = new ServiceIndex();
  for (let at = 0; at < 10; at++) index.add('m', 1, String(at));
  const walks = (['includes', 'filter', 'indexOf'] as const).map((name) => jest.spyOn(Array.prototype, name));
  const copies = jest.spyOn(Set.prototype, Symbol.iterator);
  try {
    for (let at = 10; at < 5_000; at++) index.add('m', 1, String(at));
    for (let at = 4_000; at < 5_000; at++) index.remove('m', 1, String(at));
    expect([...walks, copies].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0, 0]);
  } finally {
    for (const spy of [...walks, copies]) spy.mockRestore();
  }
  expect(index.keysOf('m', 1)).toHaveLength(4_000);
});
