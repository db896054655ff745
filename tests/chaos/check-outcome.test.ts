import { expect, test } from '@jest/globals';
import { checkOutcome, isExact } from './check-outcome.ts';
import type { Outcome, SeenReading, SentLog } from './outcome.ts';

const reading = (producer: string, seq: number): SeenReading => ({ id: `${producer}:${seq}`, producer, seq, place: `0/${seq}` });
const accepted = [reading('M1', 0), reading('M2', 0), reading('M1', 1), reading('M2', 1), reading('M1', 2)];
const ids = accepted.map(({ id }) => id);
const rubbish = 'M1:1!';

const sent: SentLog = {
  states: new Map([...ids, rubbish].map((id) => [id, 'acked'] as const)),
  sent: 7,
  acked: 7,
  malformed: new Set([rubbish]),
  deteriorating: new Set(['M1']),
};
const alert = { alertId: 'a1', producer: 'M1', rule: 'limit-high', vital: 'heart_rate', change: 'raised' };
const right: Outcome = {
  received: [...ids, 'M1:0', rubbish],
  accepted,
  quarantined: [rubbish],
  late: 0,
  stored: ids,
  warehouse: { rows: 5, readings: 5 },
  windows: ['M1|heart_rate|0|0', 'M1|heart_rate|0|1'],
  alerts: [alert, { ...alert, change: 'cleared' }, { ...alert, alertId: 'b1', rule: 'deviation' }],
  pagedAlerts: new Set(['a1']),
};
const after = (change: Partial<Outcome>) => checkOutcome(sent, { ...right, ...change });

test('what is right is right', () => {
  expect(after({})).toEqual({
    sent: 7,
    acked: 7,
    output: 5,
    dlq: 1,
    duplicate: 1,
    late: 0,
    suppressed: 0,
    lost: 0,
    duplicated: 0,
    phantom: 0,
    orderViolations: 0,
    alertsMissing: 0,
    alertsDoubled: 0,
    findings: [],
  });
  expect(isExact(after({}))).toBe(true);
});

test.each([
  [
    'a reading that no topic took',
    { received: ids.slice(1).concat(rubbish), accepted: accepted.slice(1) },
    'M1:0 is not on the received topic',
  ],
  [
    'a reading that a stage dropped',
    { accepted: accepted.slice(1), warehouse: { rows: 4, readings: 4 } },
    'M1:0 is not on the accepted topic',
  ],
  ['a reading that no table has', { stored: ids.slice(1) }, 'M1:0 is not in clinical.vital_reading'],
  ['a reading that the warehouse lacks', { warehouse: { rows: 4, readings: 4 } }, 'the warehouse has 4 readings of 5'],
  ['rubbish that vanished', { quarantined: [] }, 'M1:1! is not in quarantine'],
])('lost: %s', (_name, change, finding) => {
  const verdict = after(change);
  expect(verdict.lost).toBe(1);
  expect(verdict.findings.join('\n')).toContain(finding);
  expect(isExact(verdict)).toBe(false);
});

test.each([
  ['on the topic', { accepted: [...accepted, reading('M1', 2)] }],
  ['in the table', { stored: [...ids, 'M1:2'] }],
  ['in the warehouse', { warehouse: { rows: 6, readings: 5 } }],
  ['in quarantine', { quarantined: [rubbish, rubbish] }],
  ['of a window', { windows: ['M1|heart_rate|0|0', 'M1|heart_rate|0|0'] }],
])('doubled: once more %s', (_name, change) => {
  expect(after(change)).toMatchObject({ duplicated: 1, lost: 0, phantom: 0, orderViolations: 0 });
  expect(isExact(after(change))).toBe(false);
});

test.each([
  ['a reading on the topic', { accepted: [...accepted, reading('M3', 0)], warehouse: { rows: 6, readings: 6 } }],
  ['a row', { stored: [...ids, 'M3:0'] }],
  ['a row of the warehouse', { warehouse: { rows: 6, readings: 6 } }],
  ['a reading in quarantine that was good', { quarantined: [rubbish, 'M1:0'] }],
  ['a quarantined record from nowhere', { quarantined: [rubbish, undefined] }],
  ['an alert of a patient who is well', { alerts: [alert, { ...alert, alertId: 'a2', producer: 'M2' }] }],
])('phantom: %s that nobody sent', (_name, change) => {
  expect(after(change)).toMatchObject({ phantom: 1, lost: 0, duplicated: 0 });
  expect(isExact(after(change))).toBe(false);
});

test('order: a sequence that goes back', () => {
  const swapped = [reading('M1', 1), reading('M2', 0), reading('M1', 0), reading('M2', 1), reading('M1', 2)];
  const verdict = after({ accepted: swapped });
  expect(verdict).toMatchObject({ orderViolations: 1, lost: 0, duplicated: 0, phantom: 0 });
  expect(isExact(verdict)).toBe(false);
});

test.each([
  ['never raised', { alerts: [] }],
  ['never delivered', { pagedAlerts: new Set<string>() }],
])('alerts: one %s is missing', (_name, change) => {
  expect(after(change)).toMatchObject({ alertsMissing: 1, alertsDoubled: 0 });
  expect(isExact(after(change))).toBe(false);
});

test.each([
  ['raised twice', { alerts: [alert, alert] }],
  ['a second id for one deterioration', { alerts: [alert, { ...alert, alertId: 'a2' }] }],
])('alerts: %s is doubled', (_name, change) => {
  expect(after(change)).toMatchObject({ alertsMissing: 0, alertsDoubled: 1 });
  expect(isExact(after(change))).toBe(false);
});

test('what was sent without an answer may be there or not, and must be whole where it is there', () => {
  const unsure: SentLog = { ...sent, states: new Map([...sent.states, ['M2:2', 'unknown']]) };
  expect(isExact(checkOutcome(unsure, right))).toBe(true);
  expect(checkOutcome(unsure, { ...right, received: [...right.received, 'M2:2'] }).lost).toBe(1);
});

test('what nobody can read is refused as often as the topic holds it, no more and no less', () => {
  const twice = { received: [...right.received, rubbish] };

  expect(isExact(after({ ...twice, quarantined: [rubbish, rubbish] }))).toBe(true);
  expect(after({ ...twice, quarantined: [rubbish] }).lost).toBe(1);
  expect(after({ ...twice, quarantined: [rubbish, rubbish, rubbish] }).duplicated).toBe(1);
});
