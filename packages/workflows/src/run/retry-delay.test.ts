import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RetryPolicy } from '../plan/run-plan.ts';
import { retryDelayMs } from './retry-delay.ts';

const policy: RetryPolicy = {
  attempts: 3,
  delayMs: 30_000,
  backoff: 'exponential',
  maxDelayMs: 3_600_000,
  jitter: 0,
  classes: ['transient'],
};
const failed = { runId: 'r', task: 'load', part: 0, attempt: 1 };

test.each([
  [1, 30_000],
  [2, 60_000],
  [3, 120_000],
  [7, 1_920_000],
  [8, 3_600_000],
  [5000, 3_600_000],
])('after attempt %i, doubling from 30 s up to an hour: %i ms', (attempt, expected) => {
  expect(retryDelayMs(policy, { ...failed, attempt })).toBe(expected);
});

test('a fixed wait is the same after each attempt', () => {
  expect([1, 2, 9].map((attempt) => retryDelayMs({ ...policy, backoff: 'fixed' }, { ...failed, attempt }))).toEqual([
    30_000, 30_000, 30_000,
  ]);
});

test('jitter takes off at most its share, the same for the same attempt, another for another part', () => {
  const jittered = { ...policy, jitter: 0.5 };
  fc.assert(
    fc.property(fc.string(), fc.nat(), fc.integer({ min: 1, max: 6 }), (runId, part, attempt) => {
      const attemptFailed = { ...failed, runId, part, attempt };
      const longestMs = retryDelayMs(policy, attemptFailed);
      const delayMs = retryDelayMs(jittered, attemptFailed);

      expect(delayMs).toBe(retryDelayMs(jittered, attemptFailed));
      expect(delayMs).toBeLessThanOrEqual(longestMs);
      expect(delayMs).toBeGreaterThanOrEqual(longestMs / 2);
    }),
  );

  const delays = Array.from({ length: 100 }, (_, part) => retryDelayMs(jittered, { ...failed, part }));
  expect(new Set(delays).size).toBeGreaterThan(90);
});
