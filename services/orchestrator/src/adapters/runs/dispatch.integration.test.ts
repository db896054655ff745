import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { inTransaction, type Transaction } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { decide } from '@vigil/workflows';
import { aRun, forgetRunsSql } from '../../../fixtures/run-harness.ts';
import { cutAt, openStepRig, type StepRig } from '../../../fixtures/step-rig.ts';
import { createExplainPace } from '../../domain/runs/explain-pace.ts';
import { createPlanCache } from './create-definition-store.ts';
import { createDispatcher } from './create-dispatcher.ts';
import { createStepper } from './create-stepper.ts';
import { loseDeadAttempts } from './dead-attempts.ts';
import { takeDueInputs } from './due-inputs.ts';

let database: TestDatabase;
let rig: StepRig;

beforeAll(async () => {
  database = await createTestDatabase('vigil');
});
afterAll(() => database?.drop());
afterEach(() => rig.close());
beforeEach(async () => {
  await database.pool.query(forgetRunsSql);
  rig = openStepRig(database.url);
  await rig.sizePool(5);
});

const fan = (name: string, partitions: number, more = ''): string =>
  `name: ${name}\ntasks:\n  - {name: one, type: business_logic, function: score, fan_out: {partitions: ${partitions}}${more}}\n`;
const deploy = (text: string) => rig.definitions.deploy(text, 'tester');
const slotsTaken = async (): Promise<number> =>
  (await rig.query<{ n: number }>('SELECT coalesce(sum(slots), 0)::int AS n FROM orchestration.pool_slot'))[0]?.n ?? -1;
const started = (runId: string, part: number, messageId: string | null = null) =>
  ({ runId, messageId, input: { kind: 'started', task: 'one', part, epoch: 1, attempt: 1, worker: 'default@test' } }) as const;
const succeeded = (runId: string, part: number, messageId: string | null = null) =>
  ({ runId, messageId, input: { kind: 'succeeded', task: 'one', part, epoch: 1, result: { counts: {}, values: {}, ref: null } } }) as const;

const failOnPostponed = (_runId: string, error: unknown): never => {
  throw error;
};

test('dispatchers that race never hand out more than the pool has, and nothing twice', async () => {
  await deploy(fan('wide', 40));
  const run = aRun('wide');
  await rig.request(run);
  const dispatchers = Array.from({ length: 4 }, () => rig.dispatcher());
  const first = await Promise.all(dispatchers.map((dispatch) => dispatch('default')));
  expect(first.flatMap(({ messages }) => messages)).toHaveLength(5);
  expect(await slotsTaken()).toBe(5);

  // Parts end while all dispatch: slots are used again, never beyond the size.
  const keys = new Set(first.flatMap(({ messages }) => messages.map(({ key }) => key)));
  for (const message of first.flatMap(({ messages }) => messages)) {
    const { part } = message.value as { part: number };
    const [, ...handed] = await Promise.all([rig.step(succeeded(run.runId, part)), ...dispatchers.map((dispatch) => dispatch('default'))]);
    for (const { messages } of handed)
      for (const { key } of messages) expect(keys.has(key) ? 'twice' : keys.add(key).size).not.toBe('twice');
    expect(await slotsTaken()).toBeLessThanOrEqual(5);
  }
  await rig.dispatcher()('default');
  expect(await slotsTaken()).toBe(5);
});

/** A pool whose connection does something between a dispatcher's statement of that name and the next. */
async function poolThatThen(name: string, work: () => Promise<unknown>): Promise<typeof rig.pool> {
  const client = await rig.pool.connect();
  const query = async (...given: unknown[]): Promise<unknown> => {
    const result = await (client.query as (...all: unknown[]) => Promise<unknown>)(...given);
    if ((given[0] as { name?: string }).name === name) await work();
    return result;
  };
  const watched = new Proxy(client, { get: (target, key) => (key === 'query' ? query : Reflect.get(target, key, target)) });
  return { connect: async () => watched } as unknown as typeof rig.pool;
}

test('a dispatcher that comes between what another one counts and what it takes waits for it', async () => {
  await deploy(fan('wide', 40));
  await rig.request(aRun('wide'));
  let other: Promise<unknown> = Promise.resolve();
  const pool = await poolThatThen('pool-taken', async () => {
    other = rig.dispatcher()('default');
    // Long enough for it to go through, if nothing held it.
    await Promise.race([other, new Promise((resolve) => setTimeout(resolve, 300))]);
  });
  await rig.dispatcher({ pool })('default');
  await other;
  expect(await slotsTaken()).toBe(5);
});

test('what is larger than the whole pool holds up nothing of its own workflow, however small the pool', async () => {
  await deploy(fan('wide', 3, ', weight: {slots: 2}') + '  - {name: small, type: business_logic, function: score}\n');
  await rig.sizePool(1);
  await rig.request(aRun('wide'));
  await rig.query("UPDATE orchestration.task_run SET queued_at = queued_at - interval '1 hour' WHERE task = 'one'");
  const dispatch = rig.dispatcher();
  expect((await dispatch('default')).messages.map(({ value }) => (value as { task: string }).task)).toEqual(['small']);
  await dispatch('default');
  expect(await rig.query("SELECT DISTINCT blocked_reason AS reason FROM orchestration.task_run WHERE state = 'queued'")).toEqual([
    { reason: 'too_large' },
  ]);
});

test('a run that is paused while a dispatcher chooses is handed nothing', async () => {
  await deploy(fan('wide', 2));
  const run = aRun('wide');
  await rig.request(run);
  const pause = { runId: run.runId, messageId: null, input: { kind: 'pause', by: 'a person', reason: '' } } as const;
  const pool = await poolThatThen('pool-candidates', () => rig.step(pause));
  expect((await rig.dispatcher({ pool })('default')).messages).toEqual([]);
  expect(await rig.query('SELECT DISTINCT state, blocked_reason AS reason FROM orchestration.task_run')).toEqual([
    { state: 'queued', reason: 'run_paused' },
  ]);
});

test('runs that start runs without end are begun up to a number: the others fail, and their parents with them', async () => {
  const starter = (name: string, other: string): string =>
    `name: ${name}\ntasks:\n  - {name: one, type: workflow, workflow: ${other}, fan_out: {partitions: 3}}\n`;
  await deploy(starter('ping', 'pong'));
  await deploy(starter('pong', 'ping'));
  const plans = createPlanCache();
  const stepper = createStepper({ decide, ...plans, hooks: {}, leaseMs: 15_000, mostStarted: 10 });
  await inTransaction(rig.pool, (transaction) => stepper.request(transaction, [aRun('ping')], 0));
  expect(await rig.query('SELECT count(*) AS n FROM orchestration.run')).toEqual([{ n: 11 }]);
  const due = { pool: rig.pool, stepper, claimMs: 0, atOnce: 100, onPostponed: failOnPostponed };
  while ((await takeDueInputs(due)).next === 'again');
  expect(await rig.query('SELECT DISTINCT status FROM orchestration.run')).toEqual([{ status: 'failed' }]);
});

test('steppers that race on one run take its inputs one after the other: every number once, every part counted', async () => {
  await deploy(fan('wide', 12));
  const run = aRun('wide');
  await rig.request(run);
  const inputs = Array.from({ length: 12 }, (_, part) => [started(run.runId, part, `s${part}`), succeeded(run.runId, part, `e${part}`)]);
  // Each told by two processes at once.
  const results = (await Promise.all([...inputs, ...inputs].map((pair) => rig.step(...pair)))).flat();

  expect(results.filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(24);
  const events = await rig.query<{ seq: number }>('SELECT seq FROM orchestration.run_event ORDER BY seq');
  expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
  expect(await rig.query('SELECT status, seq FROM orchestration.run')).toEqual([{ status: 'succeeded', seq: 25 }]);
});

test('workflows take turns in a pool, and one of low priority that is not served long enough goes first', async () => {
  await deploy(fan('big', 30));
  await deploy(fan('small', 2));
  await deploy('name: backfill\npriority: 2\ntasks:\n  - {name: one, type: business_logic, function: score}\n');
  await rig.request(aRun('big'));
  await rig.request(aRun('small'), aRun('backfill'));
  const workflowsOf = async (given = {}) =>
    (await rig.dispatcher(given)('default')).messages.map(({ value }) => (value as { workflow: string }).workflow).toSorted();

  expect(await workflowsOf()).toEqual(['big', 'big', 'big', 'small', 'small']);
  expect(await rig.query("SELECT blocked_reason AS reason FROM orchestration.task_run WHERE workflow = 'backfill'")).toEqual([
    { reason: 'pool_full' },
  ]);
  await rig.sizePool(6);
  await rig.query("UPDATE orchestration.task_run SET queued_at = queued_at - interval '10 minutes' WHERE workflow = 'backfill'");
  expect(await workflowsOf({ ageingMs: 120_000 })).toEqual(['backfill']);
});

test('what fits but must wait for its turn says behind whom', async () => {
  await deploy(fan('heavy', 1, ', weight: {slots: 4}'));
  await deploy(fan('light', 1, ', weight: {slots: 2}'));
  await deploy(fan('later', 1));
  const [heavy, light] = [aRun('heavy'), aRun('light')];
  await rig.request(heavy, light);
  await rig.query("UPDATE orchestration.task_run SET queued_at = queued_at - interval '1 hour' WHERE workflow = 'heavy'");
  await rig.dispatcher()('default');
  await rig.request(aRun('later'));
  const dispatch = rig.dispatcher({ reserveAfterMs: 0 });
  expect((await dispatch('default')).messages).toEqual([]);
  expect(
    await rig.query(
      "SELECT workflow, blocked_reason AS reason, blocked_by AS by FROM orchestration.task_run WHERE state = 'queued' ORDER BY workflow",
    ),
  ).toEqual([
    { workflow: 'later', reason: 'behind_others', by: `light/one of run ${light.runId}` },
    { workflow: 'light', reason: 'pool_full', by: `heavy/one of run ${heavy.runId}` },
  ]);
});

test('a lease that is over frees the slot once, however many look; one that was renewed meanwhile is kept', async () => {
  await deploy(fan('wide', 2));
  const run = aRun('wide');
  await rig.request(run);
  await rig.dispatcher()('default');
  const due = { pool: rig.pool, stepper: rig.stepper, claimMs: 0, atOnce: 100, onPostponed: failOnPostponed };
  expect((await loseDeadAttempts(due)).lost).toBe(0);
  await rig.query("UPDATE orchestration.task_run SET lease_until = clock_timestamp() - interval '1 second' WHERE part = 0");
  const lost = await Promise.all([loseDeadAttempts(due), loseDeadAttempts(due), loseDeadAttempts(due)]);

  expect(lost.map(({ lost: count }) => count).toSorted((a, b) => a - b)).toEqual([0, 0, 1]);
  expect(await rig.query('SELECT part, state, epoch FROM orchestration.task_run ORDER BY part')).toEqual([
    { part: 0, state: 'queued', epoch: 2 },
    { part: 1, state: 'requested', epoch: 1 },
  ]);
  expect(await slotsTaken()).toBe(1);
  const input = { kind: 'lost', task: 'one', part: 1, epoch: 1 } as const;
  expect(await rig.step({ runId: run.runId, messageId: null, input })).toEqual([{ outcome: 'duplicate' }]);
});

test('a timer that is due is taken once, by whoever is first', async () => {
  await deploy('name: pause\ntasks:\n  - {name: one, type: wait, duration: 1h}\n');
  await rig.request(aRun('pause'), aRun('pause'));
  const due = { pool: rig.pool, stepper: rig.stepper, claimMs: 0, atOnce: 100, onPostponed: failOnPostponed };
  await rig.query("UPDATE orchestration.timer SET fires_at = clock_timestamp() - interval '1 second'");
  const taken = await Promise.all([takeDueInputs(due), takeDueInputs(due), takeDueInputs(due)]);

  expect(taken.flatMap(({ results }) => results.map(({ outcome }) => outcome))).toEqual(['applied', 'applied']);
  expect(await rig.query("SELECT count(*)::int AS n FROM orchestration.run WHERE status = 'succeeded'")).toEqual([{ n: 2 }]);
});

/** Every table that a step or a dispatch changes, as text. */
const everything = async (): Promise<string> => {
  const tables = ['run', 'run_event', 'task_run', 'pool_slot', 'pool_turn', 'timer', 'approval', 'payload', 'outbox', 'inbox'];
  const rows = await Promise.all(tables.map((table) => rig.query(`SELECT * FROM orchestration.${table} t ORDER BY t::text`)));
  return JSON.stringify(rows);
};

/** None was left to be cut: nothing of this try is kept. */
class WentThrough extends Error {}

async function cutEverywhere(work: (transaction: Transaction) => Promise<unknown>, fewest: number): Promise<void> {
  const before = await everything();
  for (let at = 1; ; at++) {
    let statements = 0;
    const failed = await inTransaction(rig.pool, async (transaction) => {
      const cut = cutAt(transaction, at, database.pool);
      await work(cut.transaction).finally(() => (statements = cut.statements()));
      throw new WentThrough();
    }).catch((error: unknown) => error as Error);
    if (failed instanceof WentThrough) {
      expect(statements).toBeGreaterThanOrEqual(fewest);
      return;
    }
    expect(failed).toMatchObject({ code: 'DATABASE_AWAY' });
    expect(await everything()).toBe(before);
  }
}

test('a step that is cut off before any of its statements leaves nothing of itself; repeated, it is whole', async () => {
  await deploy(
    `name: rich
tasks:
  - {name: one, type: business_logic, function: score}
  - {name: two, type: business_logic, function: score, depends_on: [one], timeout: 1h}
  - {name: agreed, type: approval, message: Go on?, approvers: [boss], depends_on: [one], timeout: 1d}
  - {name: below, type: workflow, workflow: wide, depends_on: [one]}
`,
  );
  await deploy(fan('wide', 2));
  const run = aRun('rich');
  await rig.request(run);
  await rig.dispatcher()('default');
  const inputs = [started(run.runId, 0, 's'), succeeded(run.runId, 0, 'e')];
  await cutEverywhere((transaction) => rig.stepper.take(transaction, inputs, 0), 8);

  expect((await rig.step(...inputs)).map(({ outcome }) => outcome)).toEqual(['applied', 'applied']);
  expect((await rig.step(...inputs)).map(({ outcome }) => outcome)).toEqual(['duplicate', 'duplicate']);
  expect(await slotsTaken()).toBe(0);
  expect(await rig.query('SELECT workflow, task, state FROM orchestration.task_run ORDER BY workflow, task, part')).toEqual([
    { workflow: 'rich', task: 'agreed', state: 'held' },
    { workflow: 'rich', task: 'below', state: 'running' },
    { workflow: 'rich', task: 'one', state: 'succeeded' },
    { workflow: 'rich', task: 'two', state: 'queued' },
    { workflow: 'wide', task: 'one', state: 'queued' },
    { workflow: 'wide', task: 'one', state: 'queued' },
  ]);
});

test('a dispatch that is cut off before any of its statements takes no slot and tells nobody', async () => {
  await deploy(fan('wide', 8));
  await rig.request(aRun('wide'));
  const dispatchIn = (transaction: Transaction) => {
    // The transaction of the test stands for the dispatcher's own: its BEGIN and COMMIT come to nothing in it.
    const client = new Proxy(transaction, {
      get: (target, name) => (name === 'release' ? () => undefined : Reflect.get(target, name, target)),
    });
    const pool = { connect: async () => client } as unknown as typeof rig.pool;
    return createDispatcher({
      pool,
      leaseMs: 1,
      workerSilentMs: 20_000,
      ageingMs: 1,
      reserveAfterMs: 1,
      claimMs: 0,
      atOnce: 9,
      explaining: createExplainPace(0),
    })('default');
  };
  const before = await everything();
  for (let at = 1; at <= 6; at++) {
    await expect(
      inTransaction(rig.pool, (transaction) => dispatchIn(cutAt(transaction, at, database.pool).transaction)),
    ).rejects.toMatchObject({
      code: 'DATABASE_AWAY',
    });
    expect(await everything()).toBe(before);
  }
  expect((await rig.dispatcher()('default')).messages).toHaveLength(5);
});

test('a run that cannot take a step is put off by a minute, its timers and its dead attempts alike; the others go on', async () => {
  await deploy('name: pause\ntasks:\n  - {name: one, type: wait, duration: 1h}\n');
  await deploy(fan('wide', 1));
  const [goodPause, badPause, goodWide, badWide] = [aRun('pause'), aRun('pause'), aRun('wide'), aRun('wide')];
  await rig.request(goodPause, badPause, goodWide, badWide);
  await rig.dispatcher()('default');
  await rig.query('UPDATE orchestration.run SET state = state || $2 WHERE run_id = ANY($1::uuid[])', [
    [badPause.runId, badWide.runId],
    '{"tasks": null}',
  ]);
  await rig.query("UPDATE orchestration.timer SET fires_at = clock_timestamp() - interval '1 second'");
  await rig.query("UPDATE orchestration.task_run SET lease_until = clock_timestamp() - interval '1 second' WHERE lease_until IS NOT NULL");
  const put: string[] = [];
  const due = { pool: rig.pool, stepper: rig.stepper, claimMs: 0, atOnce: 100, onPostponed: (runId: string) => void put.push(runId) };

  expect((await takeDueInputs(due)).results).toHaveLength(1);
  expect((await loseDeadAttempts(due)).lost).toBe(1);
  expect(put).toEqual([badPause.runId, badWide.runId]);
  expect((await takeDueInputs(due)).results).toEqual([]);
  expect((await loseDeadAttempts(due)).lost).toBe(0);
  expect(put).toHaveLength(2);
  const inAMinute = "BETWEEN clock_timestamp() + interval '50 s' AND clock_timestamp() + interval '60 s' AS soon";
  expect(await rig.query(`SELECT run_id AS "runId", fires_at ${inAMinute} FROM orchestration.timer`)).toEqual([
    { runId: badPause.runId, soon: true },
  ]);
  expect(await rig.query(`SELECT lease_until ${inAMinute} FROM orchestration.task_run WHERE run_id = $1`, [badWide.runId])).toEqual([
    { soon: true },
  ]);
});
