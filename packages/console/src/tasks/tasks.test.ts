import { expect, test } from '@jest/globals';
import type { PlannedTask, RunEvent } from '../generated/api-types.ts';
import { runStatuses, taskStates } from '../view/api-values.fixture.ts';
import { graphOf, placesOf, shapeKey, toElk } from './layout-graph.ts';
import { layoutGrid } from './layout-grid.ts';
import { layoutTimeline, ticksOf } from './layout-timeline.ts';
import { listAttempts } from './list-attempts.ts';
import { gravestOf, isOver, signOf, type TaskState } from './state-sign.ts';
import { summariseTasks, summaryText } from './summarise-tasks.ts';
import { aDetail, aTask, at } from './tasks.fixture.ts';

test('every state of a task and of a run has a word and a shape of its own; one to come is shown by its name', () => {
  const states = [...new Set([...taskStates, ...runStatuses])].filter((state) => state !== 'open');
  expect(states).toHaveLength(14);
  const signs = states.map((state) => signOf(state));
  expect(new Set(signs.map(({ text }) => text)).size).toBe(14);
  // A run that is paused and a task that is held stand still alike, and so do what is being ended.
  expect(new Set(signs.map(({ shape }) => shape)).size).toBe(12);
  expect(signOf('toString')).toMatchObject({ text: 'toString', tone: 'held' });
});

test('the gravest state of the parts speaks for the task', () => {
  expect(gravestOf(['succeeded', 'running', 'failed'])).toBe('failed');
  expect(gravestOf(['succeeded', 'queued', 'running'])).toBe('running');
  expect(gravestOf(['succeeded', 'skipped'])).toBe('skipped');
  expect(gravestOf([])).toBe('waiting');
  for (const state of taskStates) expect(gravestOf([state as TaskState])).toBe(state);
  expect(taskStates.filter(isOver).sort()).toEqual(['cancelled', 'failed', 'fell-back', 'skipped', 'succeeded']);
});

test('parts of one task are one, in the order of the tasks', () => {
  const tasks = [
    aTask('extract', 'succeeded', { attempt: 1 }),
    aTask('load', 'running', { part: 0, attempt: 3 }),
    aTask('load', 'succeeded', { part: 1, attempt: 1 }),
    aTask('load', 'waiting', { part: 2 }),
  ];
  const [extract, load] = summariseTasks(tasks);
  expect(extract).toEqual({ task: 'extract', type: 'transformation', state: 'succeeded', attempt: 1, parts: 1, partsOver: 1 });
  expect(load).toMatchObject({ task: 'load', state: 'running', attempt: 3, parts: 3, partsOver: 1 });
  expect([extract, load].map((summary) => summaryText(summary!))).toEqual(['succeeded', 'running, 1 of 3 parts over, attempt 3']);
});

test('the grid has the oldest run first, rows as the newest run orders them, and gaps where a run has no such task', () => {
  const newest = aDetail('new', [aTask('extract', 'running'), aTask('load', 'waiting')]);
  const oldest = aDetail('old', [aTask('extract', 'succeeded'), aTask('copy', 'failed')], 'failed');
  const { columns, rows } = layoutGrid([newest, oldest]);
  expect(columns.map(({ runId, status }) => [runId, status])).toEqual([
    ['old', 'failed'],
    ['new', 'running'],
  ]);
  expect(rows.map(({ task, cells }) => [task, ...cells.map((cell) => cell?.state ?? null)])).toEqual([
    ['extract', 'succeeded', 'running'],
    ['load', null, 'waiting'],
    ['copy', 'failed', null],
  ]);
  expect(layoutGrid([])).toEqual({ columns: [], rows: [] });
});

test('the timeline goes from the first time in a queue to the last end; a part waits, then works', () => {
  const tasks = [
    aTask('extract', 'succeeded', { queuedAt: at('00:00.000'), startedAt: at('00:02.000'), endedAt: at('00:10.000') }),
    aTask('load', 'succeeded', { queuedAt: at('00:10.000'), startedAt: at('00:10.000'), endedAt: at('00:20.000') }),
    aTask('tell', 'skipped'),
  ];
  const { rows, ticks, fromMs, untilMs } = layoutTimeline(tasks, Date.parse(at('30:00.000')));
  expect(untilMs - fromMs).toBe(20_000);
  expect(rows.map(({ queued, worked, workedMs }) => [queued, worked, workedMs])).toEqual([
    [{ from: 0, until: 0.1 }, { from: 0.1, until: 0.5 }, 8000],
    [{ from: 0.5, until: 0.5 }, { from: 0.5, until: 1 }, 10_000],
    [null, null, null],
  ]);
  expect(ticks).toEqual([
    { at: 0, text: '0' },
    { at: 0.25, text: '+5 s' },
    { at: 0.5, text: '+10 s' },
    { at: 0.75, text: '+15 s' },
    { at: 1, text: '+20 s' },
  ]);
});

test('what has not ended goes on until now, also where the clock of the page is behind', () => {
  const open = [aTask('load', 'running', { startedAt: at('00:10.000') }), aTask('wait', 'queued', { queuedAt: at('00:10.000') })];
  const later = layoutTimeline(open, Date.parse(at('01:10.000')));
  expect(later.rows.map(({ queued, worked, workedMs }) => [queued, worked, workedMs])).toEqual([
    [null, { from: 0, until: 1 }, 60_000],
    [{ from: 0, until: 1 }, null, null],
  ]);
  const behind = layoutTimeline(open, Date.parse(at('00:00.000')));
  expect(behind.rows[0]).toMatchObject({ worked: { from: 0, until: 1 }, workedMs: 1 });
  expect(layoutTimeline([aTask('wait', 'waiting')], 5)).toMatchObject({ fromMs: 5, untilMs: 6, rows: [{ queued: null, worked: null }] });
});

test.each([
  [50, [0, 10, 20, 30, 40, 50]],
  [90_000, [0, 15_000, 30_000, 45_000, 60_000, 75_000, 90_000]],
  [5 * 86_400_000, [0, 1, 2, 3, 4, 5].map((days) => days * 86_400_000)],
  [20 * 86_400_000, [0, 3, 6, 9, 12, 15, 18].map((days) => days * 86_400_000)],
])('marks of %d ms are round and few', (length, marks) => expect(ticksOf(length)).toEqual(marks));

test('marks of a whole minute, hour or day are told without their zeros', () => {
  const text = (end: string) =>
    layoutTimeline([aTask('a', 'succeeded', { startedAt: at('00:00.000'), endedAt: end })], 0).ticks.at(-1)?.text;
  expect(text(at('40:00.000'))).toBe('+40 m');
  expect(text('2026-11-26T17:00:00.000Z')).toBe('+6 h');
  expect(text('2026-11-30T11:00:00.000Z')).toBe('+4 d');
});

const planned = (name: string, ...dependsOn: string[]): PlannedTask => ({ name, type: 'output', pool: 'default', dependsOn });

test('the graph is the plan’s, with the states of the run; a task without a row waits', () => {
  const plan = [planned('extract'), planned('load', 'extract', 'elsewhere')];
  const graph = graphOf(plan, [aTask('extract', 'failed', { attempt: 2 })]);
  expect(graph.tasks).toMatchObject([
    { task: 'extract', state: 'failed', attempt: 2 },
    { task: 'load', type: 'output', state: 'waiting', parts: 0 },
  ]);
  expect(graph.edges).toEqual([{ id: 'extract>load', from: 'extract', to: 'load' }]);
  expect(toElk(graph)).toMatchObject({
    children: [
      { id: 'extract', width: 192, height: 60 },
      { id: 'load', width: 192, height: 60 },
    ],
    edges: [{ id: 'extract>load', sources: ['extract'], targets: ['load'] }],
  });
  expect(shapeKey(graph)).toBe(shapeKey(graphOf(plan, [])));
  expect(shapeKey(graph)).not.toBe(shapeKey(graphOf(plan.slice(1), [])));
  expect([...placesOf({ children: [{ id: 'extract', x: 3, y: 4 }, { id: 'load' }] })]).toEqual([
    ['extract', { x: 3, y: 4 }],
    ['load', { x: 0, y: 0 }],
  ]);
  expect(placesOf({}).size).toBe(0);
});

let seq = 0;
const event = (kind: string, time: string, input: Record<string, unknown>, ignored: string | null = null): RunEvent => ({
  seq: seq++,
  at: at(time),
  version: 1,
  kind,
  input: { kind, ...input },
  ignored,
});

test('attempts are told from the history: who began, when it ended, how; latest first', () => {
  const first = { task: 'load', part: 0, epoch: 1 };
  const events = [
    event('requested', '00:00.000', {}),
    event('started', '00:01.000', { ...first, attempt: 1, worker: 'w1' }),
    event('progressed', '00:01.500', { ...first, counts: { rows: 5 } }),
    event('failed', '00:02.000', { ...first, error: { code: 'DATABASE_AWAY' } }),
    event('started', '00:02.500', { ...first, attempt: 1, worker: 'zombie' }, 'stale epoch'),
    event('timer', '00:03.000', { timer: { kind: 'retry', task: 'load', part: 0, epoch: 1 } }),
    event('started', '00:04.000', { ...first, epoch: 2, attempt: 2, worker: 'w2' }),
    event('timer', '00:05.000', { timer: { kind: 'timeout', task: 'load', part: 0, epoch: 2 } }),
    event('stopped', '00:06.000', { ...first, epoch: 2 }),
    event('started', '00:07.000', { ...first, part: 1, epoch: 1, attempt: 1, worker: 'w3' }),
    event('started', '00:07.000', { task: 'other', part: 0, epoch: 1, attempt: 1, worker: 'w3' }),
    event('lost', '00:08.000', { ...first, epoch: 3 }),
    event('timer', '00:09.000', { timer: { kind: 'timeout', task: 'load', part: 0, epoch: 3 } }),
    event('timer', '00:09.000', { timer: { kind: 'timeout', task: 'load', part: 9, epoch: 9 } }),
    event('approved', '00:10.000', { task: 'load' }),
  ];
  expect(listAttempts(events, 'load')).toEqual([
    { part: 0, epoch: 3, attempt: 0, worker: null, startedAt: null, endedAt: at('00:08.000'), outcome: 'lost', errorCode: null },
    { part: 1, epoch: 1, attempt: 1, worker: 'w3', startedAt: at('00:07.000'), endedAt: null, outcome: 'running', errorCode: null },
    {
      part: 0,
      epoch: 2,
      attempt: 2,
      worker: 'w2',
      startedAt: at('00:04.000'),
      endedAt: at('00:06.000'),
      outcome: 'timeout',
      errorCode: null,
    },
    {
      part: 0,
      epoch: 1,
      attempt: 1,
      worker: 'w1',
      startedAt: at('00:01.000'),
      endedAt: at('00:02.000'),
      outcome: 'failed',
      errorCode: 'DATABASE_AWAY',
    },
  ]);
});
