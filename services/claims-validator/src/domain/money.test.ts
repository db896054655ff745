import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shareOf, spread } from './money.ts';

test('half a cent goes up, to the even cent or away', () => {
  const of = { numerator: 1, denominator: 2 };
  expect([1, 3, 5].map((amount) => shareOf(amount, of, 'half-up'))).toEqual([1, 2, 3]);
  expect([1, 3, 5].map((amount) => shareOf(amount, of, 'half-even'))).toEqual([0, 2, 2]);
  expect([1, 3, 5].map((amount) => shareOf(amount, of, 'down'))).toEqual([0, 1, 2]);
  expect([2_499, 2_500, 2_501].map((numerator) => shareOf(2, { numerator, denominator: 10_000 }, 'half-up'))).toEqual([0, 1, 1]);
});

test('beyond what a double holds it is still exact, up to the greatest safe integer', () => {
  // (2^53 - 1) × 3 ÷ 2 = 13,510,798,882,111,486.5 cannot be held; × 2 ÷ 3 = 6,004,799,503,160,660.67 can.
  const most = Number.MAX_SAFE_INTEGER;
  expect(shareOf(most, { numerator: 3, denominator: 2 }, 'half-up')).toBe(most);
  expect(shareOf(most, { numerator: 2, denominator: 3 }, 'half-up')).toBe(6_004_799_503_160_661);
  expect(shareOf(most, { numerator: 2, denominator: 3 }, 'half-even')).toBe(6_004_799_503_160_661);
  expect(shareOf(most, { numerator: 2, denominator: 3 }, 'down')).toBe(6_004_799_503_160_660);
  // (2^53 - 1) × 6 ÷ 12 = 4,503,599,627,370,495.5.
  expect((['half-up', 'half-even', 'down'] as const).map((rounding) => shareOf(most, { numerator: 6, denominator: 12 }, rounding))).toEqual(
    [4_503_599_627_370_496, 4_503_599_627_370_496, 4_503_599_627_370_495],
  );
  // (2^53 - 6) × 6 ÷ 24 = 2,251,799,813,685,246.5, after an even cent.
  expect(shareOf(most - 5, { numerator: 6, denominator: 24 }, 'half-even')).toBe(2_251_799_813_685_246);
});

test('parts add up to the whole, none is further than a cent from its share, and who has no weight has no part', () => {
  fc.assert(
    fc.property(
      fc.nat(10_000_000),
      fc.array(fc.oneof(fc.nat(3), fc.nat(1_000_000)), { minLength: 1, maxLength: 20 }),
      (amount, weights) => {
        const parts = spread(amount, weights);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(amount);
        if (total === 0) return expect(parts[0]).toBe(amount);
        for (const [at, weight] of weights.entries()) {
          expect(Math.abs((parts[at] ?? 0) - (amount * weight) / total)).toBeLessThan(1.000_001);
          if (weight === 0) expect(parts[at]).toBe(0);
        }
      },
    ),
  );
  expect(spread(100, [1, 1, 1])).toEqual([34, 33, 33]);
});
