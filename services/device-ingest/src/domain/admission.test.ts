import { expect, test } from '@jest/globals';
import { createAdmission, type Admission } from './admission.ts';

const settings = { highLagSeconds: 10, lowLagSeconds: 3, minRate: 100, maxRate: 10_000, increasePerSecond: 1000 };

/** Lets in `perSecond` items for a second, then samples the lag at its end. */
function second(admission: Admission, at: number, { perSecond = 0, lag }: { perSecond?: number; lag: number }): void {
  if (perSecond > 0) admission.admit(perSecond, at * 1000 - 500);
  admission.observeLag(lag, at * 1000);
}

/** Under lag since second 2, at half of 4,000 items a second. */
function lagging(): Admission {
  const admission = createAdmission(settings);
  second(admission, 1, { perSecond: 4000, lag: 1 });
  second(admission, 2, { perSecond: 4000, lag: 12 });
  return admission;
}

test('without lag everything is admitted', () => {
  const admission = createAdmission(settings);
  second(admission, 1, { perSecond: 1_000_000, lag: 9.9 });

  expect(admission.rate()).toBeNull();
  expect(admission.request(1_000_000, 1500)).toEqual({ admitted: true });
});

test('at the high mark the rate is halved, and again while the lag does not fall', () => {
  const admission = lagging();
  expect(admission.rate()).toBe(2000);
  second(admission, 3, { perSecond: 2000, lag: 13 });
  expect(admission.rate()).toBe(2000);
  second(admission, 7, { perSecond: 8000, lag: 16 });
  expect(admission.rate()).toBe(1000);
  second(admission, 13, { perSecond: 6000, lag: 12 });
  expect(admission.rate()).toBe(1000);
});

test('the rate never falls below its least', () => {
  const admission = lagging();
  for (let at = 8; at < 120; at += 6) second(admission, at, { lag: 20 + at });

  expect(admission.rate()).toBe(100);
});

test('between the marks nothing changes, below the low mark the rate grows until it no longer binds', () => {
  const admission = lagging();
  second(admission, 3, { lag: 5 });
  expect(admission.rate()).toBe(2000);
  second(admission, 4, { lag: 2 });
  expect(admission.rate()).toBe(3000);
  for (let at = 5; at < 12; at++) second(admission, at, { lag: 0 });
  expect(admission.rate()).toBeNull();
});

test('while requests are refused it feels its way near the rate that was too much; when none is, it opens', () => {
  const admission = lagging();
  const overloaded = (at: number): number | null => {
    while (admission.request(100, at * 1000 - 1).admitted);
    admission.observeLag(0.5, at * 1000);
    return admission.rate();
  };
  // 4,000 a second were too much.
  expect(overloaded(3)).toBe(3000);
  expect(overloaded(4)).toBe(3320);
  expect(overloaded(5)).toBe(3560);
  expect(overloaded(6)).toBe(4040);
  admission.observeLag(5, 6500);
  expect(overloaded(7)).toBe(4160);

  admission.observeLag(0.5, 8000);
  expect(admission.rate()).toBe(5160);
});

test('beyond the rate a request is told when to come again', () => {
  const admission = lagging();

  expect(admission.request(2000, 2000)).toEqual({ admitted: false, retryAfterSeconds: 1 });
  expect(admission.request(2000, 3000)).toEqual({ admitted: true });
  expect(admission.request(1, 3000)).toEqual({ admitted: false, retryAfterSeconds: 1 });
  expect(admission.request(500, 3250)).toEqual({ admitted: true });
});

test('a request larger than a second’s worth gets in with a full bucket, and others pay for it', () => {
  const admission = lagging();

  expect(admission.request(50_000, 3000)).toEqual({ admitted: true });
  expect(admission.request(2000, 3000)).toEqual({ admitted: false, retryAfterSeconds: 2 });
  expect(admission.request(2000, 5000)).toEqual({ admitted: true });
});

test('what is let in without asking counts, and locks nobody out for more than two seconds', () => {
  const admission = lagging();
  admission.admit(1_000_000, 3000);

  expect(admission.request(1, 3000)).toEqual({ admitted: false, retryAfterSeconds: 2 });
  expect(admission.request(2000, 5000)).toEqual({ admitted: true });
});

test('a clock that steps back adds nothing', () => {
  const admission = lagging();

  expect(admission.request(1, 1000)).toMatchObject({ admitted: false });
});
