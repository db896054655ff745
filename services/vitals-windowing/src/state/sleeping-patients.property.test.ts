import { expect, test } from '@jest/globals';
import { compileReader, createWireEncoder, wireHeaderBytes, type WardState } from '@vigil/contracts';
import * as fc from 'fast-check';
import { aReading, tenOClock } from '../../test-support/a-reading.ts';
import { lyingRow } from '../../test-support/test-stage.ts';
import { rulesWith } from '../../test-support/test-rules.ts';
import { processReading } from '../domain/process-reading.ts';
import { copyClock, newClock } from '../domain/patient/patient-clock.ts';
import type { Ward } from '../domain/patient/ward.ts';
import { openWardStore, wardStore } from './ward-store.ts';
import { writeWardRow } from './write-ward-row.ts';

const rules = rulesWith();
const readRow = compileReader<WardState>(wardStore.schema);
const encode = createWireEncoder();
const decode = (bytes: Buffer, from: number, to: number): WardState => readRow(bytes, from + wireHeaderBytes, to);
const tokens = ['t1.a', 't1.b', 't1.ü'] as const;

interface Row {
  readonly key: string;
  readonly value: Buffer | null;
}

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ token: fc.constantFrom(...tokens), minute: fc.nat(90), heartRate: fc.constantFrom(30, 70, 75, 220) }),
  },
  { weight: 1, arbitrary: fc.record({ token: fc.constantFrom(...tokens), drop: fc.constant(true) }) },
  { weight: 4, arbitrary: fc.record({ token: fc.constant(''), commit: fc.constant(true) }) },
);

/** The changelog of what such steps do: every commit's rows, those that later ones replaced among them. */
function logOf(steps: readonly { token: string; minute?: number; heartRate?: number; drop?: boolean; commit?: boolean }[]): Row[] {
  const store = openWardStore();
  const log: Row[] = [];
  for (const { token, minute, heartRate, drop } of [...steps, { token: '', commit: true }]) {
    const patient = drop ? store.view.get(token) : undefined;
    if (patient) store.view.drop(patient);
    if (minute !== undefined) {
      const reading = aReading({ at: tenOClock + minute * 60_000, patientToken: token, heartRate: heartRate ?? null });
      processReading(store.view.edit(token), reading, { rules, age: 'scored', nowMs: tenOClock });
    }
    if (token !== '') continue;
    for (const { key, value } of store.changes()) log.push({ key, value: value && Buffer.from(encode(1, writeWardRow, value)) });
    store.merge();
  }
  return log;
}

/** What the log cleaner leaves: the last row of every key where it stands, tombstones for a while. */
const compacted = (log: readonly Row[]): Row[] => log.filter(({ key }, index) => log.findLastIndex((row) => row.key === key) === index);

const contentOf = (ward: Ward) =>
  [...ward.all()]
    .map(({ token, clock, alarms, emitted, panes, paneInRow, open }) => {
      const content = panes.map((pane) => [pane.start, pane.content()]);
      return { token, clock: copyClock(clock, newClock()), alarms, emitted, content, paneInRow, open };
    })
    .sort((a, b) => a.token.localeCompare(b.token));

const decoded = (value: Buffer | null): WardState | null => value && decode(value, 0, value.length);

function decodedAtOnce(log: readonly Row[]): Ward {
  const store = openWardStore();
  for (const { key, value } of log) store.restore(key, decoded(value));
  return store.view;
}

/** @param wakeAt  behind these rows a patient is asked for */
function decodedWhenAskedFor(log: readonly Row[], wakeAt: readonly number[]): Ward {
  const store = openWardStore(decode);
  for (const [index, { key, value }] of log.entries()) {
    if (store.keep?.(lyingRow(key, value)) !== true) store.restore(key, decoded(value));
    if (wakeAt.includes(index)) store.view.get(tokens[index % tokens.length] as string);
  }
  return store.view;
}

test('rows that are decoded when a patient is asked for tell what rows tell that are decoded at once', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.array(fc.nat(100)), fc.boolean(), (steps, wakeAt, isCompacted) => {
      const whole = logOf(steps);
      const log = isCompacted ? compacted(whole) : whole;

      expect(contentOf(decodedWhenAskedFor(log, wakeAt))).toEqual(contentOf(decodedAtOnce(log)));
      expect(contentOf(decodedWhenAskedFor(log, []))).toEqual(contentOf(decodedAtOnce(whole)));
    }),
    { numRuns: 300 },
  );
});

const aLog = logOf([
  { token: 't1.a', minute: 0, heartRate: 70 },
  { token: 't1.b', minute: 0, heartRate: 71 },
]);

test('nobody is decoded before somebody asks, and then that patient alone', () => {
  let decodings = 0;
  const store = openWardStore((bytes, from, to) => {
    decodings++;
    return decode(bytes, from, to);
  });
  for (const { key, value } of aLog) store.keep?.(lyingRow(key, value));
  expect([decodings, store.view.asleep, [...store.view.awake()].length]).toEqual([0, 2, 0]);

  const token = Buffer.from('t1.b');
  expect(store.view.find(token, 0, token.length)?.token).toBe('t1.b');
  expect(store.view.get('t1.b')).toBe(store.view.find(token, 0, token.length));
  expect([decodings, store.view.asleep]).toEqual([1, 1]);
  store.view.wake(5);
  expect([decodings, store.view.asleep, store.view.get('t1.x')]).toEqual([2, 0, undefined]);
});

test('a patient who is changed and taken back is as the changelog tells', () => {
  const store = openWardStore(decode);
  for (const { key, value } of aLog) store.keep?.(lyingRow(key, value));
  const reading = aReading({ at: '10:00:30', patientToken: 't1.a', heartRate: 90 });
  processReading(store.view.edit('t1.a'), reading, { rules, age: 'scored', nowMs: tenOClock });
  store.rollback();

  expect(contentOf(store.view)).toEqual(contentOf(decodedAtOnce(aLog)));
});

test('what is cleared is forgotten, and tombstones of nobody bring nobody', () => {
  const store = openWardStore(decode);
  for (const { key, value } of aLog) store.keep?.(lyingRow(key, value));
  store.clear();
  for (const { key } of aLog) store.keep?.(lyingRow(key, null));
  expect([store.view.asleep, store.view.get('t1.a')]).toEqual([0, undefined]);

  for (const { key, value } of aLog) store.keep?.(lyingRow(key, value));
  store.view.forget('t1.a');
  expect(contentOf(store.view)).toMatchObject([{ token: 't1.b' }]);
});

test('a row that no patient can have is left to be decoded', () => {
  expect(openWardStore(decode).keep?.(lyingRow('t1.a|x', Buffer.alloc(9)))).toBe(false);
});
