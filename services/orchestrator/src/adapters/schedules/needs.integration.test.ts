import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { aWorkflow, startScheduleHarness, type ScheduleHarness } from '../../../fixtures/schedule-harness.ts';
import type { NewRun } from '../../domain/runs/run-store.ts';
import { explainRun } from '../../domain/why/explain-run.ts';
import { readUnmetNeeds } from '../runs/unmet-needs.ts';

let harness: ScheduleHarness;
beforeAll(async () => {
  harness = await startScheduleHarness();
});
afterAll(() => harness.close());
beforeEach(() => harness.forget());

const request = async (workflow: string, more: Partial<NewRun> = {}): Promise<string> => {
  const runId = randomUUID();
  await harness.runs.request([{ runId, workflow, version: null, trigger: 'manual', requestedBy: 'test', ...more }]);
  return runId;
};
const statusOf = async (runId: string): Promise<string | undefined> =>
  (await harness.query<{ status: string }>('SELECT status FROM orchestration.run WHERE run_id = $1', [runId]))[0]?.status;
const why = async (runId: string): Promise<string | null> =>
  explainRun('waiting', { holder: null, pause: null, kept: null, needs: await readUnmetNeeds(harness.database.pool, [runId]) });
const deploy = async (...texts: string[]): Promise<void> => {
  for (const text of texts) await harness.definitions.deploy(text, 'test');
};
/** Its one task fails for good. */
const fail = async (runId: string): Promise<void> => {
  const error = { code: 'UNKNOWN', kind: 'poison', detail: '' } as const;
  await harness.runs.step([{ runId, messageId: null, input: { kind: 'failed', task: 'load', part: 0, epoch: 1, error } }]);
};

test('a run waits until no run of a workflow that it needs is open and the last one succeeded, and says what holds it', async () => {
  await deploy(aWorkflow('first'), aWorkflow('second', '', 'dependencies: [first]'));
  const waiting = await request('second');
  expect(await statusOf(waiting)).toBe('waiting');
  expect(await why(waiting)).toBe('The run waits for first, which has not run yet.');

  const one = await request('first');
  expect(await why(waiting)).toBe(`The run waits for run ${one} of first, which is running.`);
  await fail(one);
  await harness.takeOthers();
  expect(await statusOf(one)).toBe('failed');
  expect(await why(waiting)).toBe(`The run waits for a run of first to succeed: the last one, ${one}, has failed.`);

  const two = await request('first');
  const nudged = harness.nudges();
  await harness.succeed(two);
  expect(harness.nudges()).toBeGreaterThan(nudged);
  await harness.takeOthers();
  expect(await statusOf(waiting)).toBe('running');

  // Whose needs are met begins at once; a run that another run started stands in the plan of that one.
  expect(await statusOf(await request('second'))).toBe('running');
  const open = await request('first');
  expect(await statusOf(await request('second'))).toBe('waiting');
  const child = { trigger: 'workflow', parent: { runId: open, task: 'load', part: 0 } } as const;
  expect(await statusOf(await request('second', child))).toBe('running');
});

test('a run that needs a continuous workflow begins while the run of that one is running', async () => {
  await deploy(aWorkflow('stream', '{type: continuous, interval: 1min}'), aWorkflow('report', '', 'dependencies: [stream]'));
  const waiting = await request('report');
  await harness.takeOthers();
  expect(await statusOf(waiting)).toBe('waiting');
  await request('stream', { trigger: 'continuous' });
  await harness.takeOthers();

  expect(await statusOf(waiting)).toBe('running');
});

test('runs of a schedule that wait begin one by one, or all where they may overlap, and one that is not needed is cancelled', async () => {
  const second = (overlap: string): string =>
    aWorkflow('second', `{type: interval, every: 1h, overlap: ${overlap}}`, 'dependencies: [first]');
  for (const [overlap, begun] of [
    ['queue1', ['running', 'waiting']],
    ['allow', ['running', 'running']],
  ] as const) {
    await harness.forget();
    await deploy(aWorkflow('first'), second(overlap));
    const waiting = [
      await request('second', { scheduleId: 'second/interval' }),
      await request('second', { scheduleId: 'second/interval' }),
    ];
    const cancelled = await request('second');
    await harness.cancel(cancelled);
    await harness.succeed(await request('first'));
    await harness.takeOthers();

    expect(await Promise.all(waiting.map(statusOf))).toEqual(begun);
    expect(await statusOf(cancelled)).toBe('cancelled');
  }
});
