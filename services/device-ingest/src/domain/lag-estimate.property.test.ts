import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createLagEstimate } from './lag-estimate.ts';

test('a group that is at the end has no lag', () => {
  expect(createLagEstimate()({ nowMs: 5000, position: 10, end: 10 })).toBe(0);
});

test('what waited before the first look is as late as the time since then', () => {
  const estimate = createLagEstimate();

  expect(estimate({ nowMs: 0, position: 0, end: 1000 })).toBe(0);
  expect(estimate({ nowMs: 20_000, position: 0, end: 1000 })).toBe(20);
});

test('lag is the age of the record at the position, to the distance of two samples', () => {
  const offsets = fc.array(fc.nat({ max: 50 }), { minLength: 2, maxLength: 60 });
  fc.assert(
    fc.property(offsets, fc.nat(), (grown, seed) => {
      const estimate = createLagEstimate();
      const takenAt: number[] = [];
      let lag = 0;
      let position = 0;
      for (const [second, count] of grown.entries()) {
        for (let record = 0; record < count; record++) takenAt.push(second * 1000 - 500);
        position = Math.min(takenAt.length, position + ((seed >> (second % 24)) & 31));
        lag = estimate({ nowMs: second * 1000, position, end: takenAt.length });
      }
      const nowMs = (grown.length - 1) * 1000;
      const truth = position >= takenAt.length ? 0 : (nowMs - (takenAt[position] as number)) / 1000;
      expect(Math.abs(lag - truth)).toBeLessThanOrEqual(1);
    }),
  );
});

test('ten minutes of samples are kept', () => {
  const estimate = createLagEstimate();
  let lag = 0;
  for (let second = 0; second < 2000; second++) lag = estimate({ nowMs: second * 1000, position: 0, end: second + 1 });

  expect(lag).toBe(599);
});
