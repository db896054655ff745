import { expect, test } from '@jest/globals';
import { changedBefore } from './changed-before.ts';

test.each([
  ['2024-03-15T10:02:00Z', '2024-03-15T09:57:00Z'],
  ['2024-03-15T10:02:00.123456Z', '2024-03-15T09:57:00.123Z'],
  ['2024-03-15T10:02Z', '2024-03-15T09:57Z'],
  ['2024-03-15T10:02:00+02:00', '2024-03-15T07:57:00Z'],
  ['2024-03-15 00:02:00', '2024-03-14 23:57:00'],
  ['2024-03-15', '2024-03-14'],
  ['1710496920', '1710496620'],
  ['1710496920123', '1710496620123'],
  // A sequence, and what nothing is known about.
  ['1009', '1009'],
  ['v7/next', 'v7/next'],
  ['2024-13-45T10:00:00Z', '2024-13-45T10:00:00Z'],
  ['', ''],
])('five minutes before %s are %s', (text, before) => {
  expect(changedBefore(text, 300_000)).toBe(before);
});
