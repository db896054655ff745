import { expect, jest, test } from '@jest/globals';
import { boundedMemo } from './bounded-memo.ts';

test('a value is computed once while it is in use', () => {
  const compute = jest.fn((key: string) => key.length);
  const memo = boundedMemo(2, compute);

  expect(['a', 'bb', 'a', 'ccc', 'a', 'a'].map(memo)).toEqual([1, 2, 1, 3, 1, 1]);
  expect(compute).toHaveBeenCalledTimes(3);
});

test('what is not used any more is forgotten', () => {
  const compute = jest.fn((key: string) => key);
  const memo = boundedMemo(2, compute);
  for (const key of ['a', 'b', 'c', 'd', 'e']) memo(key);
  compute.mockClear();
  memo('a');

  expect(compute).toHaveBeenCalledTimes(1);
});
