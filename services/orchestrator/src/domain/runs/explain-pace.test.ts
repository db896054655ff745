import { expect, test } from '@jest/globals';
import { createExplainPace } from './explain-pace.ts';

test('a queue that changes is explained at most so often; one that stands, five times more seldom', () => {
  const pace = createExplainPace(1000);
  expect(pace.isDue('batch', 0)).toBe(true);
  pace.explained('batch', 0, 3);
  expect([999, 1000].map((nowMs) => pace.isDue('batch', nowMs))).toEqual([false, true]);

  pace.explained('batch', 1000, 0);
  expect([2000, 5999, 6000].map((nowMs) => pace.isDue('batch', nowMs))).toEqual([false, false, true]);
  expect(pace.isDue('default', 2000)).toBe(true);
  pace.stir('batch');
  expect(pace.isDue('batch', 2000)).toBe(true);
});
