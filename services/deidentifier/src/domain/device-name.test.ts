import { expect, test } from '@jest/globals';
import { loadDeviceWords } from '../adapters/load-device-words.ts';
import { defaultDeviceWordsFile } from '../config.ts';
import { isDeviceName } from './device-name.ts';

const { words } = loadDeviceWords(defaultDeviceWordsFile);

test.each([
  '',
  'bedside-monitor',
  'VM-200',
  'MX-800',
  'X2',
  'M1',
  'B1x5M',
  'Philips IntelliVue MX800',
  'GE CARESCAPE B650',
  'SureSigns VM8',
])('%p names a device', (text) => {
  expect(isDeviceName(text, words)).toBe(true);
});

test.each([
  'Jane Doe',
  'Doe',
  'monitor of Jane',
  'JD',
  '12 25 1930',
  'MX 12 25 90',
  'March 15',
  '5MAR84',
  'MAR 1930',
  'MRN1234567',
  '2024',
  'monitor 2024-03-15',
])('%p does not', (text) => {
  expect(isDeviceName(text, words)).toBe(false);
});
