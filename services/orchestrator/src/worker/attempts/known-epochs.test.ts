import { expect, test } from '@jest/globals';
import { createKnownEpochs } from './known-epochs.ts';

test('an epoch is news once, and never one that is older', () => {
  const known = createKnownEpochs();

  expect([known.note('a', 2), known.note('a', 2), known.note('a', 1), known.note('a', 3)]).toEqual([true, false, false, true]);
  expect([known.greatest('a'), known.greatest('b')]).toEqual([3, -1]);
  known.forget('a');
  expect(known.note('a', 1)).toBe(true);
});

test('of more parts than are kept the one that was heard of longest ago is forgotten', () => {
  const known = createKnownEpochs(2);
  for (const part of ['a', 'b', 'a', 'c']) known.note(part, 5);

  expect(['a', 'b', 'c'].map((part) => known.greatest(part))).toEqual([5, -1, 5]);
});
