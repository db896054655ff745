import { expect, test } from '@jest/globals';
import { dayOf } from '../../test-support/samples.ts';
import { ageGroupOf } from './age-group.ts';

const at = Date.UTC(2024, 2, 15, 12);

test.each<[string, number | null, string | null]>([
  ['unknown', null, null],
  ['not born yet', dayOf(2024, 3, 16), null],
  ['newborn', dayOf(2024, 3, 15), '0-17'],
  ['the day before 18', dayOf(2006, 3, 16), '0-17'],
  ['18 today', dayOf(2006, 3, 15), '18-29'],
  ['29', dayOf(1994, 3, 16), '18-29'],
  ['30', dayOf(1994, 3, 15), '30-39'],
  ['the month after the birthday', dayOf(1984, 2, 28), '40-49'],
  ['the month before the birthday', dayOf(1984, 4, 1), '30-39'],
  ['89', dayOf(1934, 3, 16), '80-89'],
  ['90 today', dayOf(1934, 3, 15), '90+'],
  ['110', dayOf(1914, 1, 1), '90+'],
  ['an impossible date', 1e15, null],
])('%s', (_name, birthDay, expected) => {
  expect(ageGroupOf(birthDay, at)).toBe(expected);
});
