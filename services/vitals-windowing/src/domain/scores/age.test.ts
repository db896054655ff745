import { expect, test } from '@jest/globals';
import { ageBandOf } from './age.ts';

const day = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;
const at = (time: string): number => Date.parse(time);

test.each([
  ['2010-03-15', '2026-03-14T23:59:59Z', 'refused'],
  ['2010-03-15', '2026-03-15T00:00:00Z', 'scored'],
  ['2008-02-29', '2024-02-28T23:59:59Z', 'refused'],
  ['2008-02-29', '2024-02-29T00:00:00Z', 'scored'],
  ['1940-01-01', '2026-03-15T00:00:00Z', 'scored'],
])('born %s, at %s: %s', (birthDate, time, expected) => {
  expect(ageBandOf({ birthDate: day(birthDate), birthYear: null }, at(time))).toBe(expected);
});

test.each([
  [2009, 'scored'],
  [2010, 'unknown'],
  [2011, 'refused'],
  [null, 'unknown'],
])('birth year %p in 2026: %s', (birthYear, expected) => {
  expect(ageBandOf({ birthDate: null, birthYear }, at('2026-03-15T00:00:00Z'))).toBe(expected);
});

test('the registry takes precedence over what the device says', () => {
  expect(ageBandOf({ birthDate: day('2020-01-01'), birthYear: 1950 }, at('2026-03-15T00:00:00Z'))).toBe('refused');
});
