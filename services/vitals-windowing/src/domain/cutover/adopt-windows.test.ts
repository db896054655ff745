import { expect, test } from '@jest/globals';
import { aReading, tenOClock } from '../../../test-support/a-reading.ts';
import { rulesWith } from '../../../test-support/test-rules.ts';
import { Ward } from '../patient/ward.ts';
import type { Patient } from '../patient/patient.ts';
import { processReading } from '../process-reading.ts';
import { adoptWindows, type WindowSides } from './adopt-windows.ts';

const minutes = (count: number): number => count * 60_000;

/** A patient after a reading at each of these minutes past ten. */
function patientAt(times: readonly number[], environment: Record<string, string> = {}): Patient {
  const patient = new Ward().edit('t1.a');
  const rules = rulesWith(environment);
  for (const time of times) {
    const reading = aReading({ at: tenOClock + minutes(time), heartRate: 70, eventId: `at-${time}` });
    processReading(patient, reading, { rules, age: 'scored', nowMs: reading.receivedAt });
  }
  return patient;
}

const adopt = (live: Patient, run: Patient, changed: Partial<WindowSides> = {}) => {
  const sides = { live, run, rules: rulesWith().windows, isSameSize: true, wholeFromMs: Number.NEGATIVE_INFINITY, ...changed };
  const { emitted, told } = adoptWindows(sides);
  return {
    told: told.map(({ windowStart, revision, closedBy, n }) => [(windowStart - tenOClock) / minutes(1), revision, closedBy, n]),
    memory: emitted.map(({ start, revisions, counts }) => [(start - tenOClock) / minutes(1), revisions[0], counts[0]]),
  };
};

test('what both told alike is not told again', () => {
  const times = [1, 2, 6, 11.5];
  expect(adopt(patientAt(times), patientAt(times))).toEqual({ told: [], memory: [[0, 1, 2], [5, 1, 1]] }); // prettier-ignore
});

test('what the run told otherwise is the next revision; what it has not told yet is told when it is final', () => {
  const live = patientAt([1, 6.5]);
  expect(adopt(live, patientAt([1, 2, 6.5]))).toEqual({ told: [[0, 1, 'correction', 2]], memory: [[0, 2, 2]] });
  expect(adopt(live, patientAt([1, 2, 6.5], { VIGIL_WINDOW_GRACE_MS: '600000' }))).toEqual({ told: [], memory: [[0, 1, 0]] });
  // Nothing of that window came to the run: what readers know stays known.
  expect(adopt(live, patientAt([6.5]))).toEqual({ told: [], memory: [[0, 1, 1]] });
});

test('what only the run told is told', () => {
  const live = patientAt([1, 4], { VIGIL_WINDOW_GRACE_MS: '600000' });
  expect(adopt(live, patientAt([1, 6.5]))).toEqual({ told: [[0, 0, 'watermark', 1]], memory: [[0, 1, 1]] });
  expect(adopt(patientAt([1, 6.5]), patientAt([1, 6.5]), { isSameSize: false })).toEqual({
    told: [[0, 0, 'watermark', 1]],
    memory: [[0, 1, 1]],
  });
});

test('what the live stage may have told and forgotten is told as a correction', () => {
  const live = patientAt([1, 6.5], { VIGIL_WINDOW_GRACE_MS: '600000' });
  expect(adopt(live, patientAt([1, 2, 6.5]))).toEqual({ told: [[0, 1, 'correction', 2]], memory: [[0, 2, 2]] });
});

test('older windows, and those that began before the run saw everything, stay as they were told', () => {
  const times = [1, 6, 11.5, 17, 35, 41.5];
  const forgetful = patientAt(times);
  const run = patientAt([1, 2, ...times.slice(1)], { VIGIL_WINDOW_RETENTION_MS: '7200000' });
  const { told, memory } = adopt(forgetful, run);
  expect(told).toEqual([]);
  expect(memory[0]).toEqual([0, 1, 2]);
  expect(adopt(patientAt([1, 6.5]), patientAt([1, 2, 6.5]), { wholeFromMs: tenOClock + minutes(5) })).toEqual({
    told: [],
    memory: [[0, 1, 2]],
  });
});
