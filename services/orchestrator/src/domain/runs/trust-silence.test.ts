import { expect, test } from '@jest/globals';
import { createSilenceTrust, type ReportReading } from './trust-silence.ts';

const reading = (ends: readonly number[], positions: readonly number[]): ReportReading => ({
  ends,
  positions: new Map(positions.entries()),
});
const read = reading([5, 5], [5, 5]);

test('silence counts once reports were taken in to their end for the whole grace', () => {
  const mayLose = createSilenceTrust(5000);
  expect([0, 2000, 4999, 5000, 60_000].map((nowMs) => mayLose(read, nowMs))).toEqual([false, false, false, true, true]);
});

test('it counts also while reports keep coming, as long as each is taken in within the grace', () => {
  const mayLose = createSilenceTrust(5000);
  // 10 a second; taken in two seconds later.
  const looks = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((second) =>
    mayLose(reading([second * 10, 0], [Math.max(0, second - 2) * 10, 0]), second * 1000),
  );
  expect(looks).toEqual([false, false, false, false, false, true, true, true, true]);
});

test('where one partition stands still while the others are read, nobody is lost from when its reports are as old as the grace', () => {
  const mayLose = createSilenceTrust(5000);
  const looks = Array.from({ length: 14 }, (_, second) => mayLose(reading([second, second], [second, Math.min(second, 6)]), second * 1000));
  expect(looks).toEqual(Array.from({ length: 14 }, (_, second) => second >= 5 && second < 11));
  // It is read again: those who live are heard first.
  expect([14, 16, 18, 19].map((second) => mayLose(reading([14, 14], [14, 14]), second * 1000))).toEqual([false, false, false, true]);
});

test('a partition that nobody ever read says nothing, unless nothing was ever written to it', () => {
  const [unread, empty] = [createSilenceTrust(5000), createSilenceTrust(5000)];
  expect([0, 5000].map((nowMs) => unread(reading([5, 1], [5]), nowMs))).toEqual([false, false]);
  expect([0, 5000].map((nowMs) => empty(reading([5, 0], [5]), nowMs))).toEqual([false, true]);
});

test('after a look that failed the grace begins anew', () => {
  const mayLose = createSilenceTrust(5000);
  expect([mayLose(read, 0), mayLose(null, 6000), mayLose(read, 7000), mayLose(read, 12_000)]).toEqual([false, false, false, true]);
});
