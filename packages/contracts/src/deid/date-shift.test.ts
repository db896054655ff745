import { expect, test } from '@jest/globals';
import { allTopics } from '../all-topics.ts';
import { dateShiftTopics } from './date-shift.ts';

const shape = { chainPartitions: 4, replicationFactor: 1 };

test('the date-shift mode has topics of its own for everything that is de-identified, and quarantines of its own', () => {
  const specs = dateShiftTopics(shape);

  expect(specs.filter(({ kind }) => kind === 'record').map(({ name }) => name)).toEqual([
    'shifted.vitals.reading.accepted.v1',
    'shifted.vitals.window.closed.v1',
    'shifted.patients.patient.changed.v1',
    'shifted.alerts.alert.raised.v1',
    'shifted.claims.claim.adjudicated.v1',
    'shifted.ehr.visit.recorded.v1',
    'shifted.trials.outcome.recorded.v1',
  ]);
  expect(specs.map(({ name }) => name)).toContain('vitals.reading.accepted.v1.deidentifier-shifted.retry');
  expect(specs).toHaveLength(21);
});

test('shifted dates are protected health information, and no part of the fleet', () => {
  const fleet = new Set(allTopics(shape).map(({ name }) => name));
  for (const { name, kind, topic } of dateShiftTopics(shape)) {
    expect(fleet.has(name)).toBe(false);
    if (kind === 'record') expect(topic).toMatchObject({ phi: true, readers: [] });
  }
});
