import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isLeapSecond, parseDatePrefix, parseTimestamp } from './parse-timestamp.ts';

test('RFC 3339 with a zone is read to the millisecond', () => {
  expect(parseTimestamp('2024-03-15T14:30:00Z')).toBe(Date.UTC(2024, 2, 15, 14, 30));
  expect(parseTimestamp('2024-03-15t14:30:00.5z')).toBe(Date.UTC(2024, 2, 15, 14, 30, 0, 500));
  expect(parseTimestamp('2024-03-15T14:30:00.123456789Z')).toBe(Date.UTC(2024, 2, 15, 14, 30, 0, 123));
  expect(parseTimestamp('2024-03-15T16:30:00+02:00')).toBe(Date.UTC(2024, 2, 15, 14, 30));
  expect(parseTimestamp('2024-03-15T10:00:00-04:30')).toBe(Date.UTC(2024, 2, 15, 14, 30));
  expect(parseTimestamp('2024-02-29T00:00:00Z')).toBe(Date.UTC(2024, 1, 29));
  expect(parseTimestamp('1970-01-01T00:00:00Z')).toBe(0);
  expect(parseTimestamp('9999-12-31T23:59:59.999Z')).toBe(Date.UTC(9999, 11, 31, 23, 59, 59, 999));
});

test.each([
  ['without a zone', '2024-03-15T14:30:00'],
  ['without a zone, with a fraction', '2024-03-15T14:30:00.5'],
  ['with a space', '2024-03-15 14:30:00Z'],
  ['date only', '2024-03-15'],
  ['another order', '15/03/2024 14:30'],
  ['a number of seconds', '1710513000'],
  ['nothing', ''],
  ['month 13', '2024-13-15T14:30:00Z'],
  ['month 0', '2024-00-15T14:30:00Z'],
  ['31 April', '2024-04-31T14:30:00Z'],
  ['29 February of no leap year', '2023-02-29T14:30:00Z'],
  ['29 February 2100', '2100-02-29T14:30:00Z'],
  ['day 0', '2024-03-00T14:30:00Z'],
  ['hour 24', '2024-03-15T24:00:00Z'],
  ['minute 60', '2024-03-15T14:60:00Z'],
  ['second 61', '2024-03-15T14:30:61Z'],
  ['letters in a number', '2024-03-15T1a:30:00Z'],
  ['a point without digits', '2024-03-15T14:30:00.Z'],
  ['text behind the zone', '2024-03-15T14:30:00Z '],
  ['an offset without a colon', '2024-03-15T14:30:00+0200'],
  ['an offset of 24 hours', '2024-03-15T14:30:00+24:00'],
  ['an offset of 60 minutes', '2024-03-15T14:30:00+02:60'],
  ['a zone by name', '2024-03-15T14:30:00 CET'],
  ['before 1970', '1969-12-31T23:59:59Z'],
  ['before 1970 by its offset', '1970-01-01T00:00:00+01:00'],
  ['year 0', '0000-01-01T00:00:00Z'],
])('%s is no timestamp', (_what, text) => {
  expect(parseTimestamp(text)).toBeNaN();
});

test('a leap second stays in its day, in order, and is told from others', () => {
  const clamped = parseTimestamp('2016-12-31T23:59:60Z');

  expect(clamped).toBe(Date.UTC(2016, 11, 31, 23, 59, 59, 999));
  expect(parseTimestamp('2017-01-01T00:59:60.25+01:00')).toBe(clamped);
  expect(clamped).toBeLessThan(parseTimestamp('2017-01-01T00:00:00Z'));
  expect(isLeapSecond('2016-12-31T23:59:60Z')).toBe(true);
  expect(isLeapSecond('2016-12-31T23:59:59Z')).toBe(false);
});

test('second 60 at any other time is no timestamp', () => {
  expect(parseTimestamp('2016-12-31T14:30:60Z')).toBeNaN();
  expect(parseTimestamp('2016-12-31T23:59:60+01:00')).toBeNaN();
  expect(parseTimestamp('2016-12-31T23:59:60.Z')).toBeNaN();
  expect(parseTimestamp('2016-12-31T23:59:60')).toBeNaN();
});

test('what JavaScript writes is read back, whatever the zone', () => {
  const offset = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(9998, 0, 1) }), offset, (ms, minutes) => {
      const local = new Date(ms + minutes * 60_000).toISOString().slice(0, -1);
      fc.pre(!local.startsWith('-'));
      const size = Math.abs(minutes);
      const two = (value: number) => String(value).padStart(2, '0');
      const zone = `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
      expect(parseTimestamp(new Date(ms).toISOString())).toBe(ms);
      expect(parseTimestamp(local + zone)).toBe(ms);
    }),
  );
});

test('dates before 1970 count back', () => {
  expect(parseDatePrefix('1969-12-31')).toBe(-1);
  expect(parseDatePrefix('1900-03-01')).toBe(Date.UTC(1900, 2, 1) / 86_400_000);
  expect(parseDatePrefix('1900-02-29')).toBeNaN();
});

test('a fraction of more digits than anybody measures is no timestamp', () => {
  expect(parseTimestamp(`2024-03-15T14:30:00.${'1'.repeat(43)}Z`)).toBe(Date.UTC(2024, 2, 15, 14, 30, 0, 111));
  expect(parseTimestamp(`2024-03-15T14:30:00.${'1'.repeat(44)}Z`)).toBeNaN();
});
