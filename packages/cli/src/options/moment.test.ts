import { expect, test } from '@jest/globals';
import { moment } from './moment.ts';

const nowMs = Date.parse('2026-01-31T10:00:00Z');

test('a time with a zone and a span before now are taken', () => {
  expect(moment('--since', '2026-01-31T10:00:00+01:00', nowMs)).toBe(nowMs - 3_600_000);
  expect(moment('--since', '90m', nowMs)).toBe(nowMs - 5_400_000);
});

test.each(['', '2026-01-31', '2026-13-31T10:00:00Z', '90', '-5m', 'yesterday'])('%j is refused', (text) => {
  expect(() => moment('--since', text, nowMs)).toThrow('--since takes a time');
});
