import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { advanceWatermark, isFinal, isIdleAt, noWatermark, watermarkMs, windowStartOf } from './watermark.ts';

test('a watermark is the greatest event time less the bound, and never moves back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1e13 }), { minLength: 1 }), (times) => {
      const mark = times.reduce(advanceWatermark, noWatermark);
      expect(watermarkMs(mark, 10_000)).toBe(Math.max(...times) - 10_000);
    }),
  );
  expect(watermarkMs(noWatermark, 10_000)).toBe(Number.NEGATIVE_INFINITY);
});

test('every event lies in its window', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e13 }), fc.integer({ min: 1, max: 1e7 }), (time, size) => {
      const start = windowStartOf(time, size);
      expect(start <= time && time < start + size && start % size === 0).toBe(true);
    }),
  );
});

test('a window is final when the watermark reached its end plus grace', () => {
  const limits = { outOfOrdernessMs: 10, graceMs: 60 };
  expect(isFinal(1_000, { maxEventTimeMs: 1_069 }, limits)).toBe(false);
  expect(isFinal(1_000, { maxEventTimeMs: 1_070 }, limits)).toBe(true);
});

test('a key is idle only when caught up, past the end, and silent since the restore', () => {
  const activity = { nowMs: 1_000, lastProcessedAtMs: 100, restoredAtMs: 200, caughtUp: true };
  expect(isIdleAt(100, activity, 800)).toBe(true);
  expect(isIdleAt(100, { ...activity, caughtUp: false }, 800)).toBe(false);
  expect(isIdleAt(100, { ...activity, restoredAtMs: 201 }, 800)).toBe(false);
  expect(isIdleAt(100, { ...activity, lastProcessedAtMs: 201 }, 800)).toBe(false);
  expect(isIdleAt(201, activity, 800)).toBe(false);
});
