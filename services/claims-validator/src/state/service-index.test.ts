import { expect, test } from '@jest/globals';
import { ServiceIndex } from './service-index.ts';

test('claims of one member and day are found together, each once, until they are removed', () => {
  const index = new ServiceIndex();
  for (const key of ['a', 'a', 'b', 'c', 'c']) index.add('m', 1, key);
  index.add('m', 2, 'd');
  expect([index.keysOf('m', 1), index.keysOf('m', 2), index.keysOf('n', 1)]).toEqual([['a', 'b', 'c'], ['d'], []]);

  index.remove('m', 1, 'b');
  index.remove('m', 2, 'd');
  index.remove('m', 3, 'never');
  expect([index.keysOf('m', 1), index.keysOf('m', 2)]).toEqual([['a', 'c'], []]);
  index.clear();
  expect(index.keysOf('m', 1)).toEqual([]);
});
