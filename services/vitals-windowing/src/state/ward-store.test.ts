import { expect, test } from '@jest/globals';
import { compileReader, compileWriter, createWireEncoder, schemas, wireHeaderBytes, type WardState } from '@vigil/contracts';
import type { StateStore } from '@vigil/kafka';
import { aReading, tenOClock } from '../../test-support/a-reading.ts';
import { rulesWith } from '../../test-support/test-rules.ts';
import { copyClock, newClock, type PatientClock } from '../domain/patient/patient-clock.ts';
import type { Ward } from '../domain/patient/ward.ts';
import { processReading } from '../domain/process-reading.ts';
import { openWardStore, wardStore } from './ward-store.ts';
import { writeWardRow } from './write-ward-row.ts';

const rules = rulesWith();
const token = 't1.patient-a';

const feed = (store: StateStore<Ward>, at: string, heartRate: number): void => {
  processReading(store.view.edit(token), aReading({ at, heartRate }), { rules, age: 'scored', nowMs: tenOClock });
};

const clockIn = (store: StateStore<Ward>): PatientClock => copyClock(store.view.edit(token).clock, newClock());

const encode = createWireEncoder();
const readRow = compileReader<WardState>(wardStore.schema);
/** A change as the changelog keeps it. */
const rowOf = (value: object | null): WardState | null => value && readRow(encode(1, writeWardRow, value), wireHeaderBytes);
const keysOf = (store: StateStore<Ward>): string[] => store.changes().map(({ key, value }) => (value === null ? `-${key}` : key));

test('a commit writes the rows that changed and nothing else', () => {
  const store = openWardStore();

  feed(store, '10:00:10', 70);
  expect(keysOf(store)).toEqual([token]);
  store.merge();
  expect(store.changes()).toEqual([]);

  feed(store, '10:00:20', 30);
  expect(keysOf(store)).toEqual([token, `${token}|m`]);
  store.merge();
  feed(store, '10:01:00', 30);
  // The pane that gives way to a newer one gets a row of its own.
  expect(keysOf(store)).toEqual([token, `${token}|${tenOClock}`]);

  store.merge();
  feed(store, '10:00:25', 30);
  expect(keysOf(store)).toEqual([token, `${token}|${tenOClock}`]);
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
    log.push(...store.changes().map(({ key, value }) => ({ key, value: rowOf(value) })));
    store.merge();
  }
  const whole = openWardStore();
  for (const { key, value } of log) whole.restore(key, value);
  const latest = openWardStore();
  for (const [key, value] of new Map(log.map(({ key, value }) => [key, value]))) latest.restore(key, value);

  for (const restored of [whole, latest]) {
    const patient = restored.view.get(token);
    expect(clockIn(restored)).toEqual(clockIn(store));
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
  for (const { key, value } of changes) restored.restore(key, rowOf(value));
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
  expect(keysOf(store)).toEqual([`-${token}|m`, `-${token}|${tenOClock}`, token]);
});

test('a patient who came and went in a batch that is taken back was never there', () => {
  const store = openWardStore();
  feed(store, '10:00:10', 30);
  const patient = store.view.get(token);
  if (patient) store.view.drop(patient);
  store.rollback();

  expect(store.view.get(token)).toBeUndefined();
});

test('a patient who goes and comes again in one commit has nothing of before when the log is read', () => {
  const log: { key: string; value: WardState | null }[] = [];
  const store = openWardStore();
  const commit = (): void => {
    log.push(...store.changes().map(({ key, value }) => ({ key, value: rowOf(value) })));
    store.merge();
  };
  feed(store, '10:00:10', 70);
  commit();
  const patient = store.view.get(token);
  if (patient) store.view.drop(patient);
  feed(store, '12:00:00', 71);
  commit();

  const restored = openWardStore();
  for (const { key, value } of log) restored.restore(key, value);
  expect(restored.view.get(token)?.panes.map(({ start }) => start)).toEqual([tenOClock + 7_200_000]);
});

test('who was dropped and came again is put back as before when the batch is taken back', () => {
  const store = openWardStore();
  feed(store, '10:00:10', 30);
  store.merge();
  const patient = store.view.get(token);
  if (patient) store.view.drop(patient);
  feed(store, '12:00:00', 70);
  store.rollback();

  expect(store.view.get(token)).toBe(patient);
  expect(store.view.find(Buffer.from(token), 0, token.length)).toBe(patient);
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

test('rows as the version before wrote them, clock and pane apart, are restored and taken over', () => {
  const store = openWardStore();
  feed(store, '10:00:10', 70);
  const own = rowOf(store.changes()[0]?.value ?? null) as WardState;
  const restored = openWardStore();
  restored.restore(token, { ...own, pane: null });
  restored.restore(`${token}|${tenOClock}`, { ...own, clock: null });

  expect(restored.view.get(token)?.panes.map((pane) => pane.content())).toEqual(store.view.get(token)?.panes.map((pane) => pane.content()));
  feed(restored, '10:00:20', 71);
  expect(keysOf(restored)).toEqual([token]);
  const newer = rowOf(restored.changes()[0]?.value ?? null) as WardState;
  expect(newer.pane).toMatchObject({ start: tenOClock, tallies: [{ vital: 0, n: 2 }] });

  // The row of the pane alone stays in the log, and is older whichever is read first.
  const again = openWardStore();
  again.restore(token, newer);
  again.restore(`${token}|${tenOClock}`, { ...own, clock: null });
  expect(rowOf(again.view.get(token) ?? null)?.pane).toEqual(newer.pane);
});

test('what is written straight from the state is what the schema’s own encoder writes', () => {
  const store = openWardStore();
  for (const [at, heartRate] of [
    ['10:00:10', 70],
    ['10:00:20', 30],
    ['10:00:25', 31],
    ['10:01:05', 90],
  ] as const)
    feed(store, at, heartRate);
  const writeWhole = compileWriter<WardState>(schemas.wardState);

  for (const { value } of store.changes()) {
    const bytes = value && encode(1, writeWardRow, value);
    const again = bytes && encode(1, writeWhole, readRow(bytes, wireHeaderBytes));
    expect(bytes).toEqual(again);
  }
  expect(store.changes().map(({ value }) => rowOf(value))).toMatchObject([
    {
      clock: { maxObservedAt: tenOClock + 65_000, lastAt: expect.arrayContaining([0, -1]) },
      memory: null,
      pane: { start: tenOClock + 60_000 },
    },
    { clock: null, memory: { alarms: expect.any(Array) }, pane: null },
    {
      clock: null,
      memory: null,
      pane: { start: tenOClock, ids: expect.any(Array), tallies: [{ vital: 0, n: 3, min: 30, max: 70, last: 31 }] },
    },
  ]);
});
