import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dayOf, parseIsoDay, parseX12Day } from './calendar-day.ts';
import { centsOf, parseDecimal, thousandthsOf, timesUnits } from './decimal.ts';

test('a day is what the calendar of the platform makes of it, and no other date is one', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1790, max: 3010 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
      (year, month, day) => {
        const ms = Date.UTC(year, month - 1, day);
        const isDate = new Date(ms).getUTCMonth() === month - 1 && new Date(ms).getUTCDate() === day && month >= 1 && month <= 12;
        expect(dayOf(year, month, day)).toBe(isDate && year >= 1800 && year <= 2999 ? ms / 86_400_000 : null);
      },
    ),
    { numRuns: 5000 },
  );
});

test.each([
  ['2000-02-29', 11_016],
  ['1900-02-29', null],
  ['2023-02-29', null],
  ['2024-02-29', 19_782],
  ['1970-01-01', 0],
  ['1969-12-31', -1],
  ['2024-13-01', null],
  ['2024/01/01', null],
  ['2024-01-1', null],
])('%s is day %j', (text, day) => {
  expect(parseIsoDay(text)).toBe(day);
  if (/^\d{4}-\d\d-\d\d$/.test(text)) expect(parseX12Day(text.replaceAll('-', ''))).toBe(day);
});

test('an amount of whole cents is read from its text without a trace of floating point', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: 0, max: 3 }), (cents, zeros) => {
      const digits = String(Math.abs(cents)).padStart(3, '0');
      const text = `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}${'0'.repeat(zeros)}`;
      // Minus zero is zero.
      expect((centsOf(text) ?? Number.NaN) + 0).toBe(cents);
      expect((thousandthsOf(text) ?? Number.NaN) + 0).toBe(cents * 10);
    }),
  );
});

test('the price of units is exact, half a cent away from zero', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e11, max: 1e11 }), fc.integer({ min: 0, max: 1e9 }), (unitCents, thousandths) => {
      const exact = BigInt(unitCents) * BigInt(thousandths);
      const cents = timesUnits(unitCents, thousandths);
      if (cents === null)
        return expect(exact / 1000n > BigInt(Number.MAX_SAFE_INTEGER) || exact / 1000n < BigInt(Number.MIN_SAFE_INTEGER)).toBe(true);
      const rest = exact - BigInt(cents) * 1000n;
      expect(rest >= -500n && rest <= 500n && (rest > -500n || exact > 0n) && (rest < 500n || exact < 0n)).toBe(true);
    }),
  );
  expect([timesUnits(1, 500), timesUnits(1, 499), timesUnits(-1, 500), timesUnits(3, 1500)]).toEqual([1, 0, -1, 5]);
});

test.each(['', '-', '.', '1.2.3', '1e3', '0x1', ' 1', '1,5', '+1', '٣', '1'.repeat(41)])('%j is no number', (text) => {
  expect([parseDecimal(text), centsOf(text), thousandthsOf(text)]).toEqual([null, null, null]);
});

test.each([
  ['.5', 50],
  ['5.', 500],
  ['-.5', -50],
  ['-5.', -500],
  ['007', 700],
  ['1.005', null],
  ['90071992547409.91', 9_007_199_254_740_991],
  ['90071992547409.92', null],
])('%s is %j cents', (text, cents) => {
  expect(centsOf(text)).toBe(cents);
});
