import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ageOn, dateOf, dayOf, planYearOf, yearAfter } from './calendar.ts';

const day = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;
const days = fc.integer({ min: day('0001-01-01'), max: day('9999-12-31') });

test('days and dates are those of the proleptic Gregorian calendar, both ways', () => {
  fc.assert(
    fc.property(days, (on) => {
      const date = new Date(on * 86_400_000);
      expect(dateOf(on)).toEqual({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() });
      expect(dayOf(dateOf(on))).toBe(on);
    }),
  );
});

test('the leap day that ends four hundred years', () => {
  expect(dateOf(day('2000-02-29'))).toEqual({ year: 2000, month: 2, day: 29 });
  expect(dateOf(day('2000-03-01'))).toEqual({ year: 2000, month: 3, day: 1 });
});

test('a plan year has the name of the year that it begins in', () => {
  expect([planYearOf(day('2024-06-30'), 7), planYearOf(day('2024-07-01'), 7), planYearOf(day('2024-01-01'), 1)]).toEqual([
    2023, 2024, 2024,
  ]);
});

test('a year of life is complete on the birthday, of 29 February on 1 March', () => {
  expect([ageOn(day('2024-03-14'), day('1984-03-15')), ageOn(day('2024-03-15'), day('1984-03-15'))]).toEqual([39, 40]);
  expect([ageOn(day('2023-02-28'), day('2020-02-29')), ageOn(day('2023-03-01'), day('2020-02-29'))]).toEqual([2, 3]);
});

test('a year after is the same date, the 28th for 29 February', () => {
  expect(
    [
      yearAfter(day('2023-03-15')),
      yearAfter(day('2024-02-29')),
      yearAfter(day('2023-02-28')),
      yearAfter(day('2024-01-29')),
      yearAfter(day('2024-02-28')),
    ].map((on) => new Date(on * 86_400_000).toISOString().slice(0, 10)),
  ).toEqual(['2024-03-15', '2025-02-28', '2024-02-28', '2025-01-29', '2025-02-28']);
});
