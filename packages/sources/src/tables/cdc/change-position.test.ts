import { expect, test } from '@jest/globals';
import { isBehind, readPosition, snapshotDue, writePosition } from './change-position.ts';
import { readLsn, writeLsn } from './lsn.ts';

test.each(['snapshot', '16/B3748 2', '16/B3748 2 16/B3800'])('%s is read as it was written', (text) => {
  expect(writePosition(readPosition(text)!)).toBe(text);
});

test.each([null, ''])('a reader without a position stands at the beginning: %j', (text) => {
  expect(readPosition(text)).toBeNull();
});

test('a snapshot that is due is read as one that has begun', () => {
  expect(readPosition(snapshotDue)).toEqual(readPosition('snapshot'));
});

test('places in the log are numbers: a longer one is not before a shorter one', () => {
  expect(readLsn('A/0') > readLsn('9/FFFFFFFF')).toBe(true);
  expect(writeLsn(readLsn('16/B3748'))).toBe('16/B3748');
});

test('what a reader has had is what was committed before it, or stands before it in its transaction', () => {
  const position = readPosition('1/10 2');

  expect([
    isBehind(position, readLsn('1/F'), 9),
    isBehind(position, readLsn('1/10'), 2),
    isBehind(position, readLsn('1/10'), 3),
    isBehind(position, readLsn('1/11'), 1),
    isBehind(readPosition('snapshot'), 0n, 1),
    isBehind(null, 0n, 1),
  ]).toEqual([true, true, false, false, false, false]);
});
