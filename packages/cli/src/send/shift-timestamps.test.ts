import { expect, test } from '@jest/globals';
import { shiftTimestamp, timestampOf } from './shift-timestamps.ts';

const messageAt = (timestamp: string): Buffer => Buffer.from(`{"device_id":"M1", "timestamp" : "${timestamp}","n":1}`);
const shifted = (timestamp: string, byMs: number): string => shiftTimestamp(messageAt(timestamp), byMs).toString('utf8');

test.each([
  ['seconds', '2024-03-15T14:30:00Z', '2024-03-15T14:30:01.000Z'],
  ['lower case', '2024-03-15t14:30:00z', '2024-03-15T14:30:01.000Z'],
  ['a zone', '2024-03-15T16:30:00+02:00', '2024-03-15T14:30:01.000Z'],
  ['a tenth', '2024-03-15T14:30:00.5Z', '2024-03-15T14:30:01.500Z'],
  ['microseconds, which two messages of one millisecond differ by', '2024-03-15T14:30:00.123456Z', '2024-03-15T14:30:01.123456Z'],
  ['a leap second', '2016-12-31T23:59:60Z', '2017-01-01T00:00:00.999Z'],
  ['a leap second in a zone', '2017-01-01T00:59:60+01:00', '2017-01-01T00:00:00.999Z'],
])('a timestamp with %s moves, and no other byte', (_, from, to) => {
  expect(shifted(from, 1000)).toBe(messageAt(to).toString('utf8'));
});

test.each([
  '2024-02-30T00:00:00Z',
  '2023-02-29T00:00:00Z',
  '2024-13-01T00:00:00Z',
  '2024-03-15T24:00:00Z',
  '2024-03-15T14:61:00Z',
  '2024-03-15T14:30:00',
  '2024-03-15',
  '2024-03-15T14:30:00.Z',
  '2024-03-15T14:30:60Z',
  '',
])('%j is no time and stays as malformed as it is', (timestamp) => {
  expect(timestampOf(messageAt(timestamp))).toBeUndefined();
  expect(shifted(timestamp, 1000)).toBe(messageAt(timestamp).toString('utf8'));
});

test('a time that cannot be moved so far stays', () => {
  expect(shifted('2024-03-15T14:30:00Z', 9e15)).toBe(messageAt('2024-03-15T14:30:00Z').toString('utf8'));
});
