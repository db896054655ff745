import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import type { ReplayJob } from '@vigil/postgres';
import { compareOutputs, type OutputRecord } from './compare-outputs.ts';
import { cutoverEnvironment } from './cutover-stage.ts';
import { parseSettings } from './plan-stage.ts';
import { parseScope } from './replay-scope.ts';
import { differenceText, jobText, planText } from './replay-text.ts';
import { replayableStage, type ComparedOutput } from './replayable-stages.ts';
import { runEnvironment } from './run-stage.ts';

const [windows, alerts] = replayableStage('vitals-windowing').outputs as [ComparedOutput, ComparedOutput];
const open = { fromMs: 1000, lastReceivedMs: [5000] };

const aWindow = (windowStart: number, changed: Record<string, unknown> = {}, partition = 0): OutputRecord => ({
  partition,
  value: { patientToken: 't1.x', vital: 'heart_rate', windowStart, sizeMs: 300_000, revision: 0, closedBy: 'watermark', n: 3, min: 1, max: 3,
    mean: 2, stddev: 1, last: 3, receivedAt: 4000, ...changed }, // prettier-ignore
});

test('the last revisions are compared, means within a billionth', () => {
  const old = [aWindow(2000), aWindow(2000, { revision: 1, n: 4 }), aWindow(3000), aWindow(4000, { mean: 2 })];
  const fresh = [aWindow(2000, { n: 4 }), aWindow(3000, { n: 9, last: null }), aWindow(4000, { mean: 2 + 1e-12 })];
  expect(compareOutputs(windows, { old, new: fresh }, open)).toMatchObject({
    equal: 2,
    changed: 1,
    onlyOld: 0,
    onlyNew: 0,
    unsettled: 0,
    fields: { n: 1, last: 1 },
    samples: [{ kind: 'changed', old: { patientToken: '***', windowStart: '***', n: 3 }, new: { n: 9 } }],
  });
});

test('an earlier revision never replaces a later one', () => {
  const old = [aWindow(2000, { revision: 1, n: 4 }), aWindow(2000)];
  expect(compareOutputs(windows, { old, new: [aWindow(2000, { n: 4 })] }, open)).toMatchObject({ equal: 1, changed: 0 });
});

test('what only one of them has is told; what stands before the scope, behind its end or closed by time is not comparable', () => {
  const old = [aWindow(2000), aWindow(500), aWindow(3000, { receivedAt: 6000 }), aWindow(4000, { closedBy: 'idle' }), aWindow(1500, {}, 1)];
  const fresh = [aWindow(2500), aWindow(3000), aWindow(4500, { closedBy: 'idle' })];
  const { samples, ...counts } = compareOutputs(windows, { old, new: fresh }, open);
  expect(counts).toMatchObject({ equal: 0, changed: 0, onlyOld: 1, onlyNew: 1, unsettled: 5 });
  expect(samples.map(({ kind, old: before, new: after }) => [kind, before === null, after === null])).toEqual([
    ['onlyOld', false, true],
    ['onlyNew', true, false],
  ]);
});

test('five samples of a kind are enough', () => {
  const old = Array.from({ length: 9 }, (_, index) => aWindow(2000 + index));
  expect(compareOutputs(windows, { old, new: [] }, open)).toMatchObject({ onlyOld: 9, samples: { length: 5 } });
});

test('alerts are the same by their id and which end they tell', () => {
  const anAlert = (changed: Record<string, unknown>): OutputRecord => ({
    partition: 0,
    value: {
      alertId: 'a',
      change: 'raised',
      rule: 'news2',
      severity: 'critical',
      missing: [],
      raisedAt: 2000,
      receivedAt: 3000,
      ...changed,
    },
  });
  const old = [anAlert({}), anAlert({ change: 'cleared' }), anAlert({ alertId: 'b', rule: 'silent' })];
  expect(compareOutputs(alerts, { old, new: [anAlert({ severity: 'warning' })] }, open)).toMatchObject({
    changed: 1,
    onlyOld: 1,
    unsettled: 1,
    fields: { severity: 1 },
  });
});

test('a scope that would leave something half is refused', () => {
  expect(parseScope('t', { partition: '1', fromOffset: '7' })).toEqual({
    topic: 't',
    partition: 1,
    fromOffset: 7,
    fromMs: null,
    untilMs: null,
    key: null,
  });
  expect(parseScope('t', { fromTime: '2024-03-15T14:30:00Z' }).fromMs).toBe(1_710_513_000_000);
  expect(parseScope('t', { fromTime: '90m' }, 6_000_000).fromMs).toBe(600_000);
  expect(parseScope('t', { key: 'k1.AbC_-9', fromTime: '90m', untilTime: '30m' }, 6_000_000)).toMatchObject({
    fromMs: 600_000,
    untilMs: 4_200_000,
    key: 'k1.AbC_-9',
  });
  for (const flags of [{ key: 'PAT_12345' }, { fromTime: '10m', untilTime: '20m' }]) {
    expect(() => parseScope('t', flags)).toThrow(expect.objectContaining({ code: 'BAD_USAGE' }));
  }
  for (const flags of [{ fromOffset: '1' }, { fromTime: 'yesterday' }, { fromTime: '2024-13-15T14:30:00Z' }, { partition: 'x' }]) {
    expect(() => parseScope('t', flags)).toThrow(expect.objectContaining({ code: 'BAD_USAGE' }));
  }
  const both = { partition: '0', fromOffset: '1', fromTime: '2024-03-15T14:30:00Z' };
  expect(() => parseScope('t', both)).toThrow(expect.objectContaining({ code: 'BAD_USAGE' }));
});

test('only settings of the rules may differ: a run never gets another broker or database', () => {
  expect(parseSettings(['VIGIL_WINDOW_SIZE_MS=600000', 'VIGIL_WORKFLOWS_DIR=/a=b'])).toEqual({
    VIGIL_WINDOW_SIZE_MS: '600000',
    VIGIL_WORKFLOWS_DIR: '/a=b',
  });
  for (const text of ['VIGIL_KAFKA_BROKERS=x:1', 'VIGIL_RUN_ID=live', 'nothing']) {
    expect(() => parseSettings([text])).toThrow(expect.objectContaining({ code: 'BAD_USAGE' }));
  }
});

const part = { topic: 't', partition: 1, fromOffset: 2, untilOffset: 9, state: 'planned', before: null, after: null } as const;
const job: ReplayJob = {
  jobId: 'r1a2b3c4d',
  kind: 'stage',
  name: 'vitals-windowing',
  plan: {
    scope: { topic: topics.vitalsReadingAccepted.name, key: null },
    rate: 10,
    settings: { VIGIL_WINDOW_SIZE_MS: '60000' },
    beginsAtMs: 1000,
    tableEnds: { [topics.patientChanged.name]: [4, 5] },
  },
  state: 'planned',
  plannedAt: new Date(0),
  parts: [part],
};

test('a run is told its id, its ends and its pace', () => {
  expect(runEnvironment(job, 3)).toEqual({
    VIGIL_WINDOW_SIZE_MS: '60000',
    VIGIL_RUN_ID: 'r1a2b3c4d',
    VIGIL_RUN_UNTIL: 'patients.patient.changed.v1=4,5;vitals.reading.accepted.v1=9',
    VIGIL_RUN_RECORDS_PER_SECOND: '10',
    VIGIL_RUN_YIELD_SECONDS: '3',
  });
});

test('the program that cuts over is told the run, the rules and from when on the run saw everything', () => {
  expect(cutoverEnvironment(job, false)).toEqual({
    VIGIL_WINDOW_SIZE_MS: '60000',
    VIGIL_CUTOVER_RUN: 'r1a2b3c4d',
    VIGIL_CUTOVER_PAGES: 'false',
    VIGIL_CUTOVER_WHOLE_FROM_MS: '301000',
  });
  const whole = { ...job, plan: { ...job.plan, beginsAtMs: null } };
  expect(cutoverEnvironment(whole, true)).not.toHaveProperty('VIGIL_CUTOVER_WHOLE_FROM_MS');
});

test('people read what a job is and what differs', () => {
  expect(jobText(job)).toContain('t-1  2 to 9  planned');
  expect(planText({ job: { ...job, kind: 'sink' }, records: 7, rows: 5, estimatedSeconds: 1 })).toContain(
    '5 rows deleted and loaded again',
  );
  expect(planText({ job, records: 7, rows: 0, estimatedSeconds: 1 })).toContain('7 offsets are read again; about 1 s');
  const place = { topic: 't', partition: 0, fromOffset: 0, untilOffset: 1, rowsNow: 1 };
  const parts = [
    { ...place, rowsBefore: null, equal: null },
    { ...place, rowsBefore: 1, equal: true },
    { ...place, rowsBefore: 2, equal: false },
  ];
  const text = differenceText({ jobId: 'r', kind: 'sink', equal: false, parts });
  expect(text).toMatch(/not rewound yet[^]*equal\n[^]*DIFFERENT\nDIFFERENT$/);
  const outputs = [compareOutputs(windows, { old: [aWindow(2000)], new: [aWindow(2000, { n: 9 })] }, open)];
  expect(differenceText({ jobId: 'r', kind: 'stage', equal: false, requeued: 2, outputs })).toMatch(/differing fields: n 1[^]*2 requeued/);
  expect(differenceText({ jobId: 'r', kind: 'stage', equal: true, requeued: 0, outputs: [] })).toBe('equal');
});
