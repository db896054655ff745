import { expect, test } from '@jest/globals';
import { inputStartMs, windowMs } from '../windows/accepted-readings.ts';
import { closingsOf, triggeredAtMs, type Paced } from './window-trigger.ts';

const stepMs = 30_000;
const [ours, theirs] = [{ finalAfterMs: 70_000 }, { finalAfterMs: 60_000 }];

test('every engine closes the same windows, each in its own pass', () => {
  const span = { stepMs, fromPass: 12, passes: 35 };
  // Ends at pass 10: the one at 12 exactly, the other with the first reading after 12⅓.
  expect(closingsOf(theirs, span)).toEqual([
    { windowStart: inputStartMs, pass: 12 },
    { windowStart: inputStartMs + windowMs, pass: 22 },
    { windowStart: inputStartMs + 2 * windowMs, pass: 32 },
  ]);
  expect(closingsOf(ours, span).map(({ pass }) => pass)).toEqual([13, 23, 33]);
});

test('a window that one engine closes too early or too late for the measurement counts for none', () => {
  for (const engine of [ours, theirs]) {
    expect(closingsOf(engine, { stepMs, fromPass: 13, passes: 23 })).toEqual([]);
    expect(closingsOf(engine, { stepMs, fromPass: 12, passes: 13 })).toEqual([]);
  }
});

/** Three patients in two partitions, from pass 10 on; sent at 0, 1, 2, … */
const paced: Paced = { sentAtMs: Float64Array.from({ length: 9 }, (_, at) => at), rate: 3, patients: 3, partitions: 2, firstPass: 10 };

test('the trigger is a reading of the patient, of its partition, or of the last partition', () => {
  const closing = { windowStart: 0, pass: 11 };
  expect([0, 1, 2].map((patient) => triggeredAtMs('patient', closing, paced, patient))).toEqual([3, 4, 5]);
  expect([0, 1, 2].map((patient) => triggeredAtMs('partition', closing, paced, patient))).toEqual([3, 4, 3]);
  expect([0, 1, 2].map((patient) => triggeredAtMs('all-partitions', closing, paced, patient))).toEqual([4, 4, 4]);
});
