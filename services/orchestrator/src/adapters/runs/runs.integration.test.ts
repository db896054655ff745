import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { aRun, forgetRunsSql, startRunHarness, until, type RunHarness, type RunHarnessOptions } from '../../../fixtures/run-harness.ts';
import { reportOf } from '../../../fixtures/instant-worker.ts';

let database: TestDatabase;
let harness: RunHarness;

beforeAll(async () => {
  database = await createTestDatabase('vigil');
});
afterAll(() => database?.drop());
afterEach(async () => {
  expect(harness.fatal).toEqual([]);
  await harness.stop();
});

const quick = { lookMs: 20, leasesMs: 50, observeMs: 1000, pruneMs: 1000, explainMs: 20 };
const start = async (options: Omit<RunHarnessOptions, 'databaseUrl'> = {}): Promise<RunHarness> => {
  await database.pool.query(forgetRunsSql);
  return (harness = await startRunHarness({ databaseUrl: database.url, pace: quick, ...options }));
};

const yaml = (name: string, tasks: string): string =>
  `name: ${name}\ntasks:\n${tasks
    .trim()
    .split('\n')
    .map((line) => `  - ${line.trim()}`)
    .join('\n')}\n`;
const flow = yaml(
  'three_steps',
  `{name: one, type: business_logic, function: score}
   {name: two, type: business_logic, function: score, depends_on: [one]}
   {name: three, type: business_logic, function: score, depends_on: [two]}`,
);
const single = (name: string, more = ''): string => yaml(name, `{name: one, type: business_logic, function: score${more}}`);

async function begin(workflow: string, text: string, given: Parameters<typeof aRun>[1] = {}): Promise<string> {
  await harness.definitions.deploy(text, 'tester');
  const run = aRun(workflow, given);
  await harness.runs.request([run]);
  return run.runId;
}
const statusOf = async (runId: string) => (await harness.reader.findRun(runId))?.status;
const ended = (runId: string, status: string) => until(async () => (await statusOf(runId)) === status);
const tasksOf = async (runId: string) =>
  Object.fromEntries((await harness.reader.listTasks(runId)).map((row) => [`${row.task}${row.part || ''}`, row]));
const blockedOf = async (runId: string) => (await tasksOf(runId))['one']?.blocked;
const blockedFor = (runId: string, reason: string) =>
  until(async () => {
    const blocked = await blockedOf(runId);
    return blocked?.reason === reason && blocked;
  });
const by = { by: 'a person', reason: 'as agreed' };
const step = async (runId: string, input: Parameters<RunHarness['runs']['step']>[0][number]['input']) =>
  (await harness.runs.step([{ runId, messageId: null, input }]))[0];
const leftovers = () =>
  harness.query<{ slots: number; outbox: number; timers: number }>(`SELECT (SELECT count(*)::int FROM orchestration.pool_slot) AS slots,
    (SELECT count(*)::int FROM orchestration.outbox) AS outbox, (SELECT count(*)::int FROM orchestration.timer) AS timers`);

test('a flow of three steps runs to its end: each task once, in order, nothing left behind', async () => {
  await start();
  const runId = await begin('three_steps', flow);
  expect(await tasksOf(runId)).toMatchObject({
    two: { state: 'waiting', blocked: { reason: 'waiting_for_task', by: 'one' } },
    three: { blocked: { by: 'two' } },
  });
  await ended(runId, 'succeeded');

  expect(harness.worker.requests.map(({ task, attempt, epoch, batchId }) => ({ task, attempt, epoch, batchId }))).toEqual(
    ['one', 'two', 'three'].map((task) => ({ task, attempt: 1, epoch: 1, batchId: runId })),
  );
  expect(Object.values(await tasksOf(runId)).map(({ state, counts, worker, blocked }) => ({ state, counts, worker, blocked }))).toEqual(
    ['one', 'two', 'three'].map(() => ({ state: 'succeeded', counts: { read: 1 }, worker: 'default+batch+stream@test', blocked: null })),
  );
  expect((await harness.reader.listEvents(runId, 0, 100)).map(({ seq, input }) => `${seq} ${input.kind}`)).toEqual(
    ['requested', 'started', 'succeeded', 'started', 'succeeded', 'started', 'succeeded'].map((kind, place) => `${place + 1} ${kind}`),
  );
  await until(async () => (await leftovers())[0]?.outbox === 0);
  expect(await leftovers()).toEqual([{ slots: 0, outbox: 0, timers: 0 }]);
});

test('an idempotency key begins one run, however often it is asked with', async () => {
  await start({ worker: null });
  await harness.definitions.deploy(flow, 'tester');
  const asked = Array.from({ length: 5 }, () => ({ ...aRun('three_steps'), idempotencyKey: 'nightly-1' }));
  const answers = (await Promise.all(asked.map((run) => harness.runs.request([run])))).flat();

  expect(new Set(answers.map(({ runId }) => runId)).size).toBe(1);
  expect(answers.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
  expect(await harness.query('SELECT count(*)::int AS n FROM orchestration.run')).toEqual([{ n: 1 }]);
  await expect(harness.runs.request([aRun('nobody_knows')])).rejects.toMatchObject({ code: 'WORKFLOW_UNKNOWN' });
});

test('a report told twice counts once; one of an earlier epoch changes nothing', async () => {
  await start({ worker: { answer: () => [] } });
  const runId = await begin('lonely', single('lonely'));
  const [request] = await until(() => harness.worker.requests.length === 1 && harness.worker.requests);
  if (!request) throw new Error('no request');
  const started = reportOf(request, { kind: 'started', messageId: 'm1' });
  await harness.worker.report([
    started,
    started,
    { ...started, messageId: 'm2', epoch: 0 },
    { ...started, messageId: 'm3', runId: randomUUID() },
  ]);
  await until(() => harness.told.some(({ event, facts }) => event === 'reportsTaken' && facts['unknown'] === 1));
  await until(async () => (await harness.reader.listEvents(runId, 0, 10)).length === 3);

  expect((await harness.reader.listEvents(runId, 0, 10)).map(({ input, ignored }) => [input.kind, ignored])).toEqual([
    ['requested', null],
    ['started', null],
    ['started', 'stale-epoch'],
  ]);
  // Whoever begins under an epoch that is over is told to stop.
  const stop = await until(() => harness.worker.requests.find(({ kind }) => kind === 'cancel'));
  expect(stop).toMatchObject({ runId, task: 'one', epoch: 0 });
});

test('without a worker nothing is handed out, and the tasks say so; the first one that is heard gets them', async () => {
  await start({ worker: null });
  const runId = await begin('lonely', single('lonely'));
  expect(await blockedFor(runId, 'no_worker')).toEqual({ reason: 'no_worker', by: 'default' });

  await harness.query("INSERT INTO orchestration.worker (worker, pool) VALUES ('default@x', 'default')");
  expect(await blockedFor(runId, 'with_worker')).toEqual({ reason: 'with_worker', by: 'pool default' });
});

test('a full pool names its holder; what is larger than the pool says so; who is behind others names them', async () => {
  await start({ slots: 2, worker: { answer: ({ workflow }) => (workflow === 'holder' ? [{ kind: 'started' }] : []) } });
  const holder = await begin('holder', single('holder', ', weight: {slots: 2}'));
  await until(async () => (await tasksOf(holder))['one']?.state === 'running');
  const waiting = await begin('waiter', single('waiter'));
  const large = await begin('large', single('large', ', weight: {slots: 3}'));

  expect(await blockedFor(waiting, 'pool_full')).toEqual({ reason: 'pool_full', by: `holder/one of run ${holder}` });
  expect(await blockedFor(large, 'too_large')).toEqual({ reason: 'too_large', by: 'default' });
  expect(await harness.reader.listPools()).toContainEqual(
    expect.objectContaining({ pool: 'default', slots: 2, slotsTaken: 2, queued: 2, workers: ['default+batch+stream@test'] }),
  );
  await step(holder, { kind: 'cancel', ...by });
  expect(await blockedFor(holder, 'stopping')).toEqual({ reason: 'stopping', by: 'default+batch+stream@test' });
});

test('a paused run hands nothing out until it resumes', async () => {
  await start({
    slots: 1,
    worker: { answer: ({ workflow }) => (workflow === 'holder' ? [{ kind: 'started' }] : [{ kind: 'started' }, { kind: 'succeeded' }]) },
  });
  const holder = await begin('holder', single('holder'));
  await until(async () => (await tasksOf(holder))['one']?.state === 'running');
  const runId = await begin('lonely', single('lonely'));
  await step(runId, { kind: 'pause', ...by });
  expect(await blockedOf(runId)).toEqual({ reason: 'run_paused', by: 'as agreed' });
  const [request] = harness.worker.requests;
  if (request) await harness.worker.report([reportOf(request, { kind: 'succeeded' })]);
  await ended(holder, 'succeeded');
  await until(async () => (await leftovers())[0]?.slots === 0);
  expect(await blockedOf(runId)).toEqual({ reason: 'run_paused', by: 'as agreed' });

  await step(runId, { kind: 'resume', ...by });
  await ended(runId, 'succeeded');
});

test('cancelling takes out what is queued, stops what runs, and ends the run', async () => {
  await start({ slots: 1, worker: { answer: ({ kind }) => (kind === 'run' ? [{ kind: 'started' }] : [{ kind: 'cancelled' }]) } });
  const running = await begin('lonely', single('lonely'));
  await until(async () => (await tasksOf(running))['one']?.state === 'running');
  const queued = await begin('lonely', single('lonely'));
  await step(queued, { kind: 'cancel', ...by });
  await ended(queued, 'cancelled');
  expect(harness.worker.requests).toHaveLength(1);

  await step(running, { kind: 'cancel', ...by });
  await ended(running, 'cancelled');
  expect(harness.worker.requests.map(({ kind }) => kind)).toEqual(['run', 'cancel']);
  await until(async () => (await leftovers())[0]?.timers === 0);
  expect((await leftovers())[0]?.slots).toBe(0);
  expect(await step(running, { kind: 'cancel', ...by })).toMatchObject({ outcome: 'ignored', why: 'run-has-ended' });
});

test('an attempt whose worker falls silent is lost: its slot is free, its worker told to stop, and it is handed out again', async () => {
  const answer = ({ epoch, kind }: { epoch: number; kind: string }) =>
    kind === 'run' ? (epoch === 1 ? [{ kind: 'started' }] : [{ kind: 'started' }, { kind: 'succeeded' }]) : [];
  await start({ slots: 1, settings: { leaseMs: 1000 }, worker: { answer } });
  const runId = await begin('lonely', single('lonely'));
  await ended(runId, 'succeeded');

  expect((await harness.reader.listEvents(runId, 0, 10)).map(({ input }) => input.kind)).toEqual([
    'requested',
    'started',
    'lost',
    'started',
    'succeeded',
  ]);
  await until(() => harness.worker.requests.length === 3);
  expect(harness.worker.requests.map(({ kind, epoch, attempt }) => [kind, epoch, attempt])).toEqual([
    ['run', 1, 1],
    ['cancel', 1, 1],
    ['run', 2, 1],
  ]);
  expect(harness.told.filter(({ event }) => event === 'leasesLost').map(({ facts }) => facts)).toEqual([{ count: 1 }]);
});

test('heartbeats keep a lease; one of 0 ms gives it back at once', async () => {
  await start({
    slots: 1,
    settings: { leaseMs: 1000 },
    worker: { answer: ({ epoch, kind }) => (kind === 'run' && epoch === 1 ? [{ kind: 'started' }] : []) },
  });
  const runId = await begin('lonely', single('lonely'));
  await until(async () => (await tasksOf(runId))['one']?.state === 'running');
  const lease = { runId, task: 'one', part: 0, epoch: 1 };
  await harness.worker.report([{ kind: 'heartbeat', leases: [lease, { ...lease, epoch: 9 }], leaseMs: 60_000 }]);
  await until(async () => ((await tasksOf(runId))['one']?.leaseUntilMs ?? 0) > Date.now() + 50_000);

  await harness.worker.report([{ kind: 'heartbeat', leases: [lease], leaseMs: 0 }]);
  await until(async () => (await tasksOf(runId))['one']?.epoch === 2);
});

test('a person approves; a wait ends at its time; a child run is run; each says what it waits for', async () => {
  await start();
  await harness.definitions.deploy(flow, 'tester');
  const runId = await begin(
    'mixed',
    yaml(
      'mixed',
      `{name: one, type: approval, message: Publish?, approvers: [compliance, privacy]}
       {name: pause, type: wait, duration: 1s}
       {name: child, type: workflow, workflow: three_steps}
       {name: missing, type: workflow, workflow: nobody_knows, on_failure: continue}`,
    ),
  );
  expect(await blockedFor(runId, 'held_for_approval')).toEqual({ reason: 'held_for_approval', by: 'compliance, privacy' });
  const tasks = await tasksOf(runId);
  expect(tasks['pause']?.blocked?.reason).toBe('waiting_until');
  expect(tasks['child']?.blocked).toEqual({ reason: 'waiting_for_run', by: tasks['child']?.childRunId });
  expect(await harness.reader.listApprovals(null)).toMatchObject([{ runId, task: 'one', message: 'Publish?', decision: null }]);

  await step(runId, { kind: 'approved', task: 'one', ...by });
  await ended(runId, 'succeeded');
  expect(await harness.reader.listApprovals(runId)).toMatchObject([{ decision: 'approved', decidedBy: 'a person', reason: 'as agreed' }]);
  const children = await harness.reader.listRuns({ parentRunId: runId, limit: 10 });
  expect(children.items).toMatchObject([{ workflow: 'three_steps', status: 'succeeded', trigger: 'workflow' }]);
  expect((await tasksOf(runId))['missing']).toMatchObject({ state: 'failed', error: { code: 'CHILD_RUN_FAILED' } });
});

test('a run that a run starts is given what its parent was, and the defaults of its own definition', async () => {
  await start();
  const declared = 'parameters:\n  k: {type: number, default: 11}\n  days: {type: number, default: 31}\n';
  await harness.definitions.deploy(`${single('three_steps')}${declared}`, 'tester');
  const child = yaml('mixed', '{name: child, type: workflow, workflow: three_steps, parameters: {days: "${parameters.days}"}}');
  const runId = await begin('mixed', `${child}parameters:\n  days: {type: number, default: 7}\n`, { parameters: { days: 5 } });
  await ended(runId, 'succeeded');
  expect(await harness.query('SELECT parameters FROM orchestration.run WHERE parent_run_id = $1', [runId])).toEqual([
    { parameters: { k: 11, days: 5 } },
  ]);
});

test('a failure is tried again after its delay, and says when', async () => {
  await start({
    worker: {
      answer: ({ attempt }) => [
        { kind: 'started' },
        attempt === 1 ? { kind: 'failed', errorCode: 'SOURCE_AWAY', errorClass: 'dependency' } : { kind: 'succeeded' },
      ],
    },
  });
  const runId = await begin('lonely', single('lonely', ', retry: {attempts: 1, delay: 1s}'));
  const blocked = await blockedFor(runId, 'retry_at');
  expect(Math.abs(Date.parse(blocked.by) - Date.now())).toBeLessThan(1100);
  await ended(runId, 'succeeded');
  expect(harness.worker.requests.map(({ attempt, epoch }) => [attempt, epoch])).toEqual([
    [1, 1],
    [2, 2],
  ]);
});

test('a run that waits behind another one begins when it is told to, or is cancelled unbegun', async () => {
  await start();
  const first = await begin('three_steps', flow, { begins: 'waiting' });
  const second = await begin('three_steps', flow, { begins: 'waiting' });
  expect(await statusOf(first)).toBe('waiting');
  expect(await step(first, { kind: 'pause', ...by })).toEqual({ outcome: 'unknown-run' });
  await step(second, { kind: 'cancel', ...by });
  await ended(second, 'cancelled');
  const client = await harness.pool.connect();
  await harness.runs.beginIn(client, [first, second]);
  client.release();
  harness.runs.settle();
  await ended(first, 'succeeded');
  expect(await statusOf(second)).toBe('cancelled');
});

test('a result above 64 KiB travels by reference', async () => {
  const large = JSON.stringify({ counts: {}, values: { text: 'x'.repeat(70_000) }, ref: null });
  await start({ worker: { answer: ({ task }) => [{ kind: 'started' }, { kind: 'succeeded', ...(task === 'one' && { result: large }) }] } });
  const runId = await begin('three_steps', flow);
  await ended(runId, 'succeeded');
  const request = harness.worker.requests.find(({ task }) => task === 'two');
  expect(request).toMatchObject({ input: '' });
  expect(
    await harness.query("SELECT length(body->'one'->'values'->>'text') AS n FROM orchestration.payload WHERE payload_id = $1", [
      request?.inputRef,
    ]),
  ).toEqual([{ n: 70_000 }]);
});

test('runs are listed newest first, page by page', async () => {
  await start({ worker: null });
  const made: string[] = [];
  for (let n = 0; n < 3; n++) made.unshift(await begin('lonely', single('lonely')));
  const first = await harness.reader.listRuns({ workflow: 'lonely', limit: 2 });
  const second = await harness.reader.listRuns({ workflow: 'lonely', limit: 2, ...(first.next !== null && { after: first.next }) });
  expect([first, second].map(({ items }) => items.map(({ runId }) => runId))).toEqual([made.slice(0, 2), made.slice(2)]);
  expect(second.next).toBeNull();
  expect((await harness.reader.listRuns({ status: 'failed', limit: 2 })).items).toEqual([]);
  expect(await harness.reader.findRun(randomUUID())).toBeNull();
});

test('counts of an attempt under way are shown, and a stage that is behind says so', async () => {
  const progress = { kind: 'progressed', counts: { read: 5 }, health: 'behind' } as const;
  await start({ worker: { answer: () => [{ kind: 'started' }, progress, { ...progress, counts: { read: 9 } }] } });
  const runId = await begin('lonely', single('lonely'));
  await until(async () => (await tasksOf(runId))['one']?.counts['read'] === 9);
  expect((await tasksOf(runId))['one']).toMatchObject({ state: 'running', health: 'behind' });
  // A run that never ends tells counts for ever: only what is news is history.
  expect((await harness.reader.listEvents(runId, 0, 10)).map(({ input }) => input.kind)).toEqual(['requested', 'started', 'progressed']);
});
