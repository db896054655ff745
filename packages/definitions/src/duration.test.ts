import { expect, test } from '@jest/globals';
import { delayMsOf, durationMsOf, durationSchema } from './duration.ts';

test.each([
  ['30s', 30_000],
  ['300s', 300_000],
  ['5min', 300_000],
  ['5m', 300_000],
  ['1.5h', 5_400_000],
  ['2d', 172_800_000],
  ['250ms', 250],
  ['30', undefined],
  ['-5s', undefined],
  ['5 s', undefined],
  ['5weeks', undefined],
  ['', undefined],
])('duration %p is %p ms', (text, expected) => {
  expect(durationMsOf(text)).toBe(expected);
});

test.each([
  ['immediate', 0],
  ['5min_delay', 300_000],
  ['5min', undefined],
  ['soon_delay', undefined],
])('delay %p is %p ms', (text, expected) => {
  expect(delayMsOf(text)).toBe(expected);
});

test('no duration is longer than a century: beyond it the database has no times', () => {
  expect(durationSchema.parse('36600d')).toBe(3_162_240_000_000);
  expect(durationSchema.safeParse('36601d').success).toBe(false);
  expect(durationSchema.safeParse(`${'9'.repeat(30)}d`).success).toBe(false);
});
