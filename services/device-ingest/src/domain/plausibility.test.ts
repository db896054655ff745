import { expect, test } from '@jest/globals';
import { isPlausible, limitsOutsidePlausibility, plausibleRanges, type Vital } from './plausibility.ts';

test('both ends of a range belong to it', () => {
  for (const [vital, { low, high }] of Object.entries(plausibleRanges) as [Vital, { low: number; high: number }][]) {
    expect([low - 0.001, low, high, high + 0.001].map((value) => isPlausible(vital, value))).toEqual([false, true, true, false]);
  }
});

test('the customer’s limits lie inside plausibility, so that their alarms can fire', () => {
  const limits = { heart_rate: { low: 40, high: 200 }, systolic: { low: 70, high: 250 }, temperature_c: { low: 35, high: 43.333333333 } };

  expect(limitsOutsidePlausibility(limits)).toEqual([]);
});

test('every limit outside is named with the range it leaves', () => {
  expect(limitsOutsidePlausibility({ heart_rate: { low: 10, high: 400 }, oxygen_saturation: { low: 90, high: 100 } })).toEqual([
    'heart_rate: the limit 10 lies outside the plausible range 20 to 300, so its alarm could never fire.',
    'heart_rate: the limit 400 lies outside the plausible range 20 to 300, so its alarm could never fire.',
  ]);
});
