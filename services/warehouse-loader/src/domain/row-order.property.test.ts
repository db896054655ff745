import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { orderByKey } from './row-order.ts';

test('every place stands there once, by key, and rows of one key keep their order', () => {
  const keys = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 2 ** 40 })), { maxLength: 300 });
  fc.assert(
    fc.property(keys, (given) => {
      const expected = [...given.keys()].sort((a, b) => (given[a] as number) - (given[b] as number) || a - b);
      expect([...orderByKey(given)]).toEqual(expected);
    }),
  );
});

test('keys too large to be sorted stay as they are', () => {
  expect([...orderByKey([2 ** 52, 1, 0])]).toEqual([0, 1, 2]);
});
