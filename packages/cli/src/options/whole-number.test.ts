import { expect, test } from '@jest/globals';
import { wholeNumber } from './whole-number.ts';

test('a whole number is taken as it is', () => {
  expect(wholeNumber('--rate', '100')).toBe(100);
  expect(wholeNumber('--wait', '0', 0)).toBe(0);
});

test.each(['', '0', '-1', '1.5', '1e3', 'ten', '99999999999999999999'])('%j is refused, with the option it was given for', (text) => {
  expect(() => wholeNumber('--rate', text)).toThrow('--rate takes a whole number of at least 1');
});
