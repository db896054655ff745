import { expect, test } from '@jest/globals';
import type { WardState } from '@vigil/contracts';
import type { StateStore } from '@vigil/kafka';
import { aReading, tenOClock } from '../../test-support/a-reading.ts';
import { rulesWith } from '../../test-support/test-rules.ts';
import type { Ward } from '../domain/patient/ward.ts';
import { processReading } from '../domain/process-reading.ts';
import { openWardStore } from './ward-store.ts';

const rules = rulesWith();
const token = 't1.patient-a';

const feed = (store: StateStore<Ward>, at: string, heartRate: number): void => {
  processReading(store.view.edit(token), aReading({ at, heartRate }), { rules, age: 'scored', nowMs: tenOClock });
};

const keysOf = (store: StateStore<Ward>): string[] => store.changes().map(({ key, value }) => (value === null ? `-${key}` : key));

test('a commit writes the rows that changed and nothing else', () => {
  const store = openWardStore();

  feed(store, '10:00:10', 70);
  expect(keysOf(store)).toEqual([token, `${token}|${tenOClock}`]);
  store.merge();
  expect(store.changes()).toEqual([]);

  feed(store, '10:00:20', 30);
  expect(keysOf(store)).toEqual([token, `${token}|m`, `${token}|${tenOClock}`]);
  store.merge();
  feed(store, '10:01:00', 30);
  expect(keysOf(store)).toEqual([token, `${token}|${tenOClock + 60_000}`]);
});

test('panes that nothing can need any more become tombstones, once', () => {
  const store = openWardStore();
  feed(store, '10:00:10', 70);
  store.merge();

  feed(store, '11:00:00', 70);
  expect(keysOf(store)).toContain(`-${token}|${tenOClock}`);
  store.merge();
  feed(store, '11:00:01', 70);
  expect(keysOf(store)).not.toContain(`-${token}|${tenOClock}`);
});

test('rows may come in log order or only the latest of each: the state is the same', () => {
  const log: { key: string; value: WardState | null }[] = [];
  const store = openWardStore();
  for (const [at, heartRate] of [
    ['10:00:10', 70],
    ['10:00:20', 30],
    ['10:00:05', 80],
    ['11:00:00', 70],
    ['10:59:00', 75],
  ] as const) {
    feed(store, at, heartRate);
    log.push(...(structuredClone(store.changes()) as typeof log));
    store.merge();
  }
  const whole = openWardStore();
  for (const { key, value } of log) whole.restore(key, value);
  const latest = openWardStore();
  for (const [key, value] of new Map(log.map(({ key, value }) => [key, value]))) latest.restore(key, value);

  for (const restored of [whole, latest]) {
    const patient = restored.view.get(token);
    expect(patient?.clock).toEqual(store.view.get(token)?.clock);
    expect(patient?.alarms).toEqual(store.view.get(token)?.alarms);
    expect(patient?.panes.map((pane) => [pane.start, pane.content()])).toEqual(
      store.view.get(token)?.panes.map((pane) => [pane.start, pane.content()]),
    );
  }
});

test('a patient who is dropped leaves tombstones, and none of them brings the patient back', () => {
  const store = openWardStore();
  feed(store, '10:00:10', 30);
  feed(store, '10:01:10', 30);
  store.merge();
  const patient = store.view.get(token);
  if (patient) store.view.drop(patient);

  const changes = store.changes();
  expect(changes.map(({ key }) => key).sort()).toEqual([token, `${token}|${tenOClock}`, `${token}|${tenOClock + 60_000}`, `${token}|m`]);
  expect(changes.every(({ value }) => value === null)).toBe(true);
  const restored = openWardStore();
  for (const { key, value } of changes) restored.restore(key, value);
  expect([...restored.view.all()]).toEqual([]);
});

test('a drop can be taken back, and a patient who comes again in the same batch is written anew', () => {
  const store = openWardStore();
  feed(store, '10:00:10', 30);
  store.merge();
  const patient = store.view.get(token);
  if (patient) store.view.drop(patient);
  store.rollback();
  expect(store.view.get(token)).toBe(patient);

  if (patient) store.view.drop(patient);
  feed(store, '12:00:00', 70);
  expect(keysOf(store)).toEqual([`-${token}|m`, `-${token}|${tenOClock}`, token, `${token}|${tenOClock + 7_200_000}`]);
});

test('a patient who came and went in a batch that is taken back was never there', () => {
  const store = openWardStore();
  feed(store, '10:00:10', 30);
  const patient = store.view.get(token);
  if (patient) store.view.drop(patient);
  store.rollback();

  expect(store.view.get(token)).toBeUndefined();
});

test('an empty memory is a tombstone', () => {
  const store = openWardStore();
  const patient = store.view.edit(token);
  patient.setAlarm(undefined, { ...aTrack });
  store.merge();
  patient.setAlarm(patient.alarms[0], undefined);

  expect(store.changes()).toEqual([{ key: `${token}|m`, value: null }]);
  store.restore(`${token}|m`, null);
  expect(patient.alarms).toEqual([]);
  store.clear();
  expect(store.view.get(token)).toBeUndefined();
});

const aTrack = {
  rule: 'limit-low',
  vital: 0,
  phase: 'pending',
  kind: 'physiological',
  severity: 'warning',
  since: 1,
  criticalSince: null,
  raisedAt: 0,
  clearSince: null,
  lastTo: null,
  raisedTimes: [],
  historic: false,
  value: null,
  threshold: null,
  missing: [],
  flags: [],
} as const;
