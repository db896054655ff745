import { expect, test } from '@jest/globals';
import { dateShiftSubjects, fleetSubjects } from './fleet-subjects.ts';

test('every record topic and changelog has a subject, quarantine and retry have none', () => {
  const subjects = fleetSubjects().map(({ subject }) => subject);
  expect(subjects).toContain('vitals.reading.accepted.v1-value');
  expect(subjects.some((subject) => subject.includes('.dlq') || subject.includes('.retry'))).toBe(false);
});

test('the date-shift mode has subjects of its own, which are no part of the fleet', () => {
  const fleet = new Set(fleetSubjects().map(({ subject }) => subject));
  const own = dateShiftSubjects().map(({ subject }) => subject);
  expect(own).toContain('shifted.vitals.reading.accepted.v1-value');
  expect(own.some((subject) => fleet.has(subject))).toBe(false);
});
