import { expect, test } from '@jest/globals';
import { createDeviceNames } from './dimension-keys.ts';

test('a kind of device has one name, what is not told is empty, and a full memory starts anew', () => {
  const nameOf = createDeviceNames(2);
  const names = [nameOf('monitor', 'M1'), nameOf('monitor', 'M2'), nameOf(null, undefined), nameOf('monitor', 'M1')];
  expect(new Set(names).size).toBe(3);
  expect(names[3]).toBe(names[0]);
  expect(names[2]).toBe(nameOf('', ''));
});
