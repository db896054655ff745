import { expect, test } from '@jest/globals';
import { anAlert, anIncident, router, startMs, tell } from '../../fixtures/builders.ts';
import { planAlerts, type Surroundings } from './plan-alerts.ts';

const surroundings: Surroundings = {
  nowMs: startMs,
  router,
  silences: [],
  lateAfterMs: 30_000,
  holdMs: 2000,
  incidentIdOf: (alertId) => `k1.${alertId}`,
};
const record = (changes: Parameters<typeof anAlert>[0] = {}) => ({ alert: anAlert(changes), partition: 3 });
const plan = (records: ReturnType<typeof record>[], known = new Map()) => planAlerts(records, known, surroundings);

test('both ends of an episode in one batch make one decision, in order', () => {
  const { decisions, duplicates } = plan([record(), record({ change: 'cleared', clearedAt: startMs })]);

  expect(decisions.map(tell)).toEqual([['opened', 'resolved', 'trigger pagerduty nurses-key 1', 'resolve pagerduty nurses-key 1']]);
  expect(decisions[0]?.incident).toMatchObject({ incidentId: 'k1.alert-1', partition: 3, state: 'resolved' });
  expect(duplicates.size).toBe(0);
});

test('what we know already is a duplicate', () => {
  const again = record();
  const known = new Map([['k1.alert-1', anIncident()]]);

  expect(plan([again], known)).toMatchObject({ decisions: [], duplicates: new Set([again]) });
  expect(plan([record(), again]).duplicates).toEqual(new Set([again]));
});

test('the end of a known incident resolves it; without a time of its own that of its arrival counts', () => {
  const known = new Map([['k1.alert-1', anIncident()]]);
  const { decisions } = plan([record({ change: 'cleared', receivedAt: startMs - 5 })], known);

  expect(decisions[0]?.incident).toMatchObject({ state: 'resolved', clearedAt: startMs - 5 });
});

test('an end without a beginning is recorded', () => {
  expect(plan([record({ change: 'cleared' })]).decisions.map(tell)).toEqual([['recorded']]);
});

test('a silence over the ward holds what is raised there', () => {
  const silences = [{ hospital: 'General Hospital', ward: 'ICU', endsAt: startMs + 1000 }];
  const { decisions } = planAlerts([record(), record({ alertId: 'other', ward: 'ER' })], new Map(), { ...surroundings, silences });

  expect(decisions.map(({ incident }) => incident.state)).toEqual(['held', 'open']);
});
