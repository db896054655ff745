import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createAdmission } from './admission.ts';

const settings = { highLagSeconds: 10, lowLagSeconds: 3, minRate: 100, maxRate: 10_000, increasePerSecond: 1000 };
const second = fc.record({
  lag: fc.double({ min: 0, max: 60, noNaN: true }),
  requests: fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 40 }),
  /** Let in without asking: critical readings. */
  critical: fc.nat(500),
});
type Second = { readonly lag: number; readonly requests: readonly number[]; readonly critical: number };

/** Plays seconds: first the requests, evenly spread, then the sample at their end. */
function play(seconds: readonly Second[]) {
  const admission = createAdmission(settings);
  const told = seconds.map(({ lag, requests, critical }, index) => {
    const rate = admission.rate();
    admission.admit(critical, index * 1000);
    const answers = requests.map((items, at) => ({
      items,
      answer: admission.request(items, index * 1000 + (at * 1000) / requests.length),
    }));
    admission.observeLag(lag, (index + 1) * 1000);
    return { rate, lag, after: admission.rate(), answers };
  });
  return { admission, told };
}

test('the rate stays between its bounds, and only lag beyond the high mark lowers it, only lag below the low mark raises it', () => {
  fc.assert(
    fc.property(fc.array(second, { maxLength: 60 }), (seconds) => {
      for (const { rate, lag, after } of play(seconds).told) {
        if (after !== null) {
          expect(after).toBeGreaterThanOrEqual(settings.minRate);
          expect(after).toBeLessThanOrEqual(settings.maxRate);
        }
        const [before, now] = [rate ?? Infinity, after ?? Infinity];
        if (now < before) expect(lag).toBeGreaterThanOrEqual(settings.highLagSeconds);
        if (now > before) expect(lag).toBeLessThan(settings.lowLagSeconds);
      }
    }),
  );
});

test('who is refused is told to come again within a minute, and while nothing is held back nobody is', () => {
  fc.assert(
    fc.property(fc.array(second, { maxLength: 60 }), (seconds) => {
      for (const { rate, answers } of play(seconds).told) {
        for (const { answer } of answers) {
          if (answer.admitted) continue;
          expect(rate).not.toBeNull();
          expect(answer.retryAfterSeconds).toBeGreaterThanOrEqual(1);
          expect(answer.retryAfterSeconds).toBeLessThanOrEqual(60);
        }
      }
    }),
  );
});

test('held back, no more is let in on asking than one second’s worth at once and the rate after that', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 400 }),
      fc.integer({ min: 1, max: 10_000 }),
      (requests, withinMs) => {
        const admission = createAdmission(settings);
        admission.admit(2000, 500);
        admission.observeLag(20, 1000);
        const rate = admission.rate() ?? Infinity;
        const admitted = requests
          .filter((items, at) => admission.request(items, 1000 + (at * withinMs) / requests.length).admitted)
          .reduce((sum, items) => sum + items, 0);
        expect(admitted).toBeLessThanOrEqual(rate + (rate * withinMs) / 1000 + 1e-6);
      },
    ),
  );
});

test('whatever was before, half a minute of low lag opens the gateway fully', () => {
  fc.assert(
    fc.property(fc.array(second, { maxLength: 40 }), (seconds) => {
      const { admission } = play([...seconds, ...Array.from({ length: 30 }, () => ({ lag: 0, requests: [], critical: 0 }))]);
      expect(admission.rate()).toBeNull();
    }),
  );
});
