import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isNpi } from './npi.ts';

test('numbers with the right check digit, and one with a wrong one', () => {
  expect(['1234567893', '1993999998', '1558598797'].map((id) => isNpi(id, '12'))).toEqual([true, true, true]);
  expect(['1234567890', '', '12345678931', '123456789', '123456789A'].map((id) => isNpi(id, '12'))).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});

test('a wrong digit anywhere makes it wrong', () => {
  fc.assert(
    fc.property(fc.constantFrom('1234567893', '1993999998', '1558598797'), fc.nat(9), fc.integer({ min: 1, max: 9 }), (npi, at, by) => {
      const wrong = npi.slice(0, at) + String((Number(npi[at]) + by) % 10) + npi.slice(at + 1);
      expect(isNpi(wrong, '0123456789')).toBe(false);
    }),
  );
});
