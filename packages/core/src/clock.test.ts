import { expect, test } from '@jest/globals';
import { systemClock } from './clock.ts';

test('the system clock gives milliseconds since the epoch', () => {
  const before = Date.now();

  expect(systemClock.now()).toBeGreaterThanOrEqual(before);
});
