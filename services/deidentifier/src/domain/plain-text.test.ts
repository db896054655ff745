import { expect, test } from '@jest/globals';
import { isPlainText } from './plain-text.ts';

test.each(['', 'MX-800', 'IntelliVue MP5 rev. B', 'bedside-monitor', 'TEMPERATURE_UNIT_CONVERTED', 'A', 'limit-high', 'B1x5M 2020'])(
  '%p may leave',
  (text) => {
    expect(isPlainText(text)).toBe(true);
  },
);

test.each([
  '2024-03-15',
  'rev 3/15/24',
  '15.03.2024',
  'SN 1234567',
  '078-05-1120',
  '650-555-0100',
  'jane@example.org',
  'http://monitor',
  'Jörg',
  'a\nb',
  'x'.repeat(65),
])('%p may not', (text) => {
  expect(isPlainText(text)).toBe(false);
});
