import { expect, test } from '@jest/globals';
import { delayAfter, failuresAfter, usualBackOff } from './back-off.ts';

test('the delay doubles with every failure in a row, up to the longest', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 1_000].map((failures) => delayAfter(failures, usualBackOff))).toEqual([
    250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000,
  ]);
});

test('a run that lasted long enough makes the next failure the first again', () => {
  expect(failuresAfter(5, 9_999, usualBackOff)).toBe(6);
  expect(failuresAfter(5, 10_000, usualBackOff)).toBe(1);
});
