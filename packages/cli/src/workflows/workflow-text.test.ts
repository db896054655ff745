import { expect, test } from '@jest/globals';
import type { ShownBackfill, ShownEvent, ShownTask, TreeRun } from './shown.ts';
import { backfillText, eventsText, poolsText, runsText, treeText, whyText, workflowText, workflowsText } from './workflow-text.ts';

const aRun: TreeRun = {
  runId: 'r1', workflow: 'nightly', version: 3, status: 'running', trigger: 'cron', scheduledFor: null, parentRunId: null, requestedBy: 'ann', reason: null,
  createdAt: '2026-11-26T00:00:00.000Z', startedAt: '2026-11-26T00:00:01.000Z', endedAt: null, depth: 0, tasks: [],
}; // prettier-ignore
const aTask: ShownTask = { task: 'load', part: 0, partKey: '', state: 'running', attempt: 1, health: null, counts: {}, error: null, startedAt: null, endedAt: null }; // prettier-ignore
const anEvent: ShownEvent = { seq: 1, at: 'T', kind: 'started', input: {}, ignored: null };
const aBackfill: ShownBackfill = {
  backfillId: 'b1', workflow: 'nightly', from: 'F', until: 'U', atOnce: 2, state: 'running', parts: { waiting: 1, started: 0, succeeded: 0, failed: 0, cancelled: 0 },
}; // prettier-ignore

test('a tree names parts by their key, or by their number where they have none, and tells only what there is to tell', () => {
  const tasks = [
    aTask,
    { ...aTask, part: 2 },
    { ...aTask, partKey: 'ward-7', part: 1, attempt: 2, health: 'behind', counts: { read: 5, rejected: 1 } },
    { ...aTask, state: 'failed', error: { code: 'SOURCE_AWAY', detail: 'No answer.' } },
  ];

  expect(
    treeText([
      { ...aRun, tasks, reason: 'disk is full' },
      { ...aRun, depth: 1, workflow: 'child' },
    ]).split('\n'),
  ).toEqual([
    'nightly@3  running  r1  disk is full',
    '├─ load  running',
    '├─ load[2]  running',
    '├─ load[ward-7]  running  attempt 2  behind  read 5, rejected 1',
    '└─ load  failed  SOURCE_AWAY: No answer.',
    '   child@3  running  r1',
  ]);
});

test.each([
  ['2026-11-26T00:00:10.999Z', '9999 ms'],
  ['2026-11-26T00:00:13.400Z', '12 s'],
])('what ended at %s took %s; what has not begun took nothing', (endedAt, took) => {
  expect(treeText([{ ...aRun, endedAt }])).toBe(`nightly@3  running  r1  ${took}`);
  expect(runsText([{ ...aRun, endedAt }])).toContain(took);
  expect(treeText([{ ...aRun, startedAt: null, endedAt }])).toBe('nightly@3  running  r1');
});

test('a history tells of each input what it has: part, attempt, worker, person, error, timer, and that it changed nothing', () => {
  const inputs: readonly Readonly<Record<string, unknown>>[] = [
    { task: 'load', part: 2, attempt: 3, worker: 'w1' },
    { task: 'load', part: 0, error: { code: 'UNKNOWN', detail: 'x' } },
    { by: 'ann', reason: 'enough' },
    { timer: { kind: 'run' } },
  ];
  const events = inputs.map((input, at) => ({ ...anEvent, seq: at + 1, input, ignored: at === 3 ? 'run-has-ended' : null }));

  expect(eventsText(events).split('\n')).toEqual([
    '    1  T  started  load[2]  attempt 3  on w1',
    '    2  T  started  load  UNKNOWN: x',
    '    3  T  started  by ann  enough',
    '    4  T  started  {"kind":"run"}  (changed nothing: run-has-ended)',
  ]);
});

test('workflows without a run or a next time show neither; one that is switched off says so', () => {
  const shown = { workflow: 'nightly', version: 1, enabled: false };

  expect(workflowsText([{ ...shown, openRuns: 0, lastRun: null, nextFireAt: null }])).toMatch(/nightly +1 +false +0 +– +–/);
  expect(workflowsText([{ ...shown, openRuns: 1, lastRun: { runId: 'r', status: 'failed' }, nextFireAt: 'N' }])).toMatch(/1 +failed +N/);
  const detail = { ...shown, shown: 1, text: '', tasks: [], versions: [], schedules: [] };
  expect(workflowText({ ...detail, description: '' })).toMatch(/^nightly, version 1, disabled\n/);
  expect(workflowText({ ...detail, enabled: true, description: 'Loads visits' })).toMatch(/^nightly, version 1: Loads visits\n/);
});

test('why is a sentence a line, of the run first', () => {
  expect(whyText({ status: 'running', sentence: 'The run is paused.', waiting: [{ sentence: 'load waits.' }] })).toBe(
    'The run is paused.\nload waits.',
  );
  expect(whyText({ status: 'succeeded', sentence: null, waiting: [] })).toBe('Nothing waits: the run is succeeded.');
});

test('a backfill lists its partitions where they were asked for', () => {
  const head = 'b1  nightly  running  F to U, 2 at once: waiting 1, started 0, succeeded 0, failed 0, cancelled 0';

  expect(backfillText(aBackfill)).toBe(head);
  expect(backfillText({ ...aBackfill, partitions: [{ scheduledFor: 'S', runId: null, state: 'waiting' }] })).toMatch(
    /\n[^]*S +waiting +–$/,
  );
});

test('a pool tells who holds its slots', () => {
  const weight = { slots: 1, cpu: 2, memoryMiB: 3, io: 4 };
  const pool = {
    pool: 'batch',
    capacity: weight,
    taken: weight,
    queued: 0,
    holders: [{ runId: 'r1', workflow: 'w', task: 't', slots: 1 }],
  };

  expect(poolsText([pool])).toBe('batch: 1 of 1 slots, cpu 2 of 2, memory 3 of 3 MiB, io 4 of 4; 0 queued\n  w/t of run r1: 1');
});
