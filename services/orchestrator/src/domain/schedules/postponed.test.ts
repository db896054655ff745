import { expect, test } from '@jest/globals';
import { createPostponed } from './postponed.ts';

test('a name is left alone until its time is over, counted from when it was postponed last', () => {
  let now = 0;
  const postponed = createPostponed(60_000, () => now);
  postponed.add('a');
  now = 30_000;
  postponed.add('b');
  expect(postponed.list()).toEqual(['a', 'b']);
  now = 60_000;
  expect(postponed.list()).toEqual(['b']);
  postponed.add('b');
  now = 119_999;
  expect(postponed.list()).toEqual(['b']);
  now = 120_000;
  expect(postponed.list()).toEqual([]);
});
