import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { inTransaction } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { decide, type Decide } from '@vigil/workflows';
import { aRun, forgetRunsSql } from '../../../fixtures/run-harness.ts';
import { openStepRig, type StepRig } from '../../../fixtures/step-rig.ts';
import type { StepInput } from '../../domain/runs/run-store.ts';
import { createPlanCache } from './create-definition-store.ts';
import { createStepper } from './create-stepper.ts';
import { loseDeadAttempts } from './dead-attempts.ts';
import { takeDueInputs } from './due-inputs.ts';
import { takeRunByRun, takeTogether } from './take-reports.ts';

let database: TestDatabase;
let rig: StepRig;
let hasBug: boolean;

/** A version of the reducer that cannot take the end of an attempt. */
const faulty: Decide = (plan, state, input) => {
  if (hasBug && input.kind === 'succeeded' && state?.endedAtMs === null) throw new TypeError('a fault of ours');
  return decide(plan, state, input);
};

beforeAll(async () => {
  database = await createTestDatabase('vigil');
});
afterAll(() => database?.drop());
afterEach(() => rig.close());
beforeEach(async () => {
  await database.pool.query(forgetRunsSql);
  rig = openStepRig(database.url);
  hasBug = true;
  await rig.sizePool(5);
  await rig.definitions.deploy(
    'name: wide\ntasks:\n  - {name: one, type: business_logic, function: score, fan_out: {partitions: 2}}\n',
    't',
  );
});

const about = { task: 'one', part: 0, epoch: 1 } as const;
const started = (runId: string, part = 0): StepInput => ({
  runId,
  messageId: `s${part}`,
  input: { kind: 'started', ...about, part, attempt: 1, worker: 'default@test' },
});
const succeeded = (runId: string, part = 0): StepInput => ({
  runId,
  messageId: `e${part}`,
  input: { kind: 'succeeded', ...about, part, result: { counts: {}, values: {}, ref: null } },
});
const stepper = createStepper({ decide: faulty, ...createPlanCache(), hooks: {}, leaseMs: 15_000 });
const taking = { stepper, claimMs: 0, keeping: new Set<string>() };
const keep = async (...inputs: StepInput[]) =>
  (await inTransaction(rig.pool, (transaction) => takeRunByRun(transaction, inputs, taking))).results.map(({ outcome }) => outcome);
const put: string[] = [];
const due = () => ({ pool: rig.pool, stepper, claimMs: 0, atOnce: 100, onPostponed: (runId: string) => void put.push(runId) });
const makeDue = () => rig.query("UPDATE orchestration.timer SET fires_at = fires_at - interval '2 minutes'");
const keptKinds = async () =>
  (
    await rig.query<{ name: string }>(
      "SELECT key->'input'->>'kind' || (key->'input'->>'part') AS name FROM orchestration.timer WHERE timer LIKE 'report/%' ORDER BY fires_at",
    )
  ).map(({ name }) => name);
const handOut = async (workflow = 'wide'): Promise<string> => {
  const run = aRun(workflow);
  await rig.request(run);
  await rig.dispatcher()('default');
  return run.runId;
};
const deployTimed = (run: string, task: string) =>
  rig.definitions.deploy(`name: timed\n${run}tasks:\n  - {name: one, type: business_logic, function: score${task}}\n`, 't');
const timers = async () =>
  (await rig.query<{ name: string }>("SELECT split_part(timer, '/', 1) AS name FROM orchestration.timer ORDER BY fires_at")).map(
    ({ name }) => name,
  );
const statuses = async () => (await rig.query<{ status: string }>('SELECT status FROM orchestration.run')).map(({ status }) => status);
const events = async (runId: string) =>
  (
    await rig.query<{ kind: string }>("SELECT input->>'kind' AS kind FROM orchestration.run_event WHERE run_id = $1 ORDER BY seq", [runId])
  ).map(({ kind }) => kind);

test('what a run is told while reports of it are kept stands behind them, however often they were put off', async () => {
  const runId = await handOut();
  expect(await keep(started(runId), succeeded(runId))).toEqual(['kept', 'kept']);
  expect(await keep(started(runId, 1))).toEqual(['kept']);
  await makeDue();
  expect((await takeDueInputs(due())).results).toEqual([]);
  expect(put).toContain(runId);
  expect(await keep(succeeded(runId, 1), succeeded(runId))).toEqual(['kept', 'duplicate']);
  const inOrder = ['started0', 'succeeded0', 'started1', 'succeeded1'];
  expect(await keptKinds()).toEqual(inOrder);
  await rig.query("UPDATE orchestration.timer SET fires_at = fires_at - interval '2 minutes' WHERE key->'input'->>'part' = '0'");
  expect((await takeDueInputs(due())).results).toEqual([]);
  expect(await keptKinds()).toEqual(inOrder);

  hasBug = false;
  await makeDue();
  expect((await takeDueInputs(due())).results.map(({ outcome }) => outcome)).toEqual(inOrder.map(() => 'applied'));
  expect(await events(runId)).toEqual(['requested', 'started', 'succeeded', 'started', 'succeeded']);
  expect(await rig.query('SELECT status FROM orchestration.run')).toEqual([{ status: 'succeeded' }]);
  expect(await keep(started(runId))).toEqual(['duplicate']);
});

test('a batch of runs of which one keeps reports is taken without it', async () => {
  const [bad, good] = [await handOut(), await handOut()];
  await keep(succeeded(bad));
  hasBug = false;
  const together = await inTransaction(rig.pool, (transaction) =>
    takeTogether(transaction, [{ ...started(good), messageId: 'g' }, started(bad)], taking),
  );
  expect(together.results.map(({ outcome }) => outcome)).toEqual(['applied', 'kept']);
  expect(together.refusals).toEqual([]);
});

test('no attempt of a run that keeps reports counts as lost: its worker may have told all', async () => {
  const runId = await handOut();
  await keep(succeeded(runId));
  const over = "UPDATE orchestration.task_run SET lease_until = clock_timestamp() - interval '1 second' WHERE lease_until IS NOT NULL";
  await rig.query(over);
  expect((await loseDeadAttempts(due())).lost).toBe(0);

  hasBug = false;
  await makeDue();
  await takeDueInputs(due());
  expect((await loseDeadAttempts(due())).lost).toBe(1);
});

test('a run that was cancelled comes to its end although a report of it cannot be taken', async () => {
  const runId = await handOut();
  await rig.step(started(runId), started(runId, 1));
  await keep(succeeded(runId));
  await rig.step({ runId, messageId: null, input: { kind: 'cancel', by: 'a person', reason: 'as agreed' } });
  await makeDue();
  await takeDueInputs(due());
  expect(await rig.query('SELECT status FROM orchestration.run')).toEqual([{ status: 'cancelled' }]);

  await makeDue();
  expect((await takeDueInputs(due())).results).toMatchObject([{ outcome: 'ignored', why: 'run-has-ended' }]);
  expect(await keptKinds()).toEqual([]);
});

test('no attempt times out before what is kept of its run: it may tell that it ended in time', async () => {
  await deployTimed('', ', timeout: 30s');
  const runId = await handOut('timed');
  await rig.step(started(runId));
  await keep(succeeded(runId));
  expect(await timers()).toEqual(['report', 'timeout']);
  await rig.query(`UPDATE orchestration.timer SET fires_at = clock_timestamp() +
    CASE WHEN timer LIKE 'timeout/%' THEN interval '10 seconds' ELSE interval '-1 second' END`);
  await takeDueInputs(due());
  expect(await timers()).toEqual(['report', 'timeout']);

  hasBug = false;
  await rig.query("UPDATE orchestration.timer SET fires_at = clock_timestamp() - interval '1 second' WHERE timer LIKE 'report/%'");
  await takeDueInputs(due());
  expect(await statuses()).toEqual(['succeeded']);
  expect(await timers()).toEqual([]);
});

test('attempts of a run that is being cancelled time out all the same', async () => {
  await deployTimed('', ', timeout: 30s');
  const runId = await handOut('timed');
  await rig.step(started(runId));
  await rig.step({ runId, messageId: null, input: { kind: 'cancel', by: 'a person', reason: 'as agreed' } });
  await rig.query("UPDATE orchestration.timer SET fires_at = clock_timestamp() + interval '10 seconds'");
  await keep(succeeded(runId));
  expect(await timers()).toEqual(['timeout', 'report']);
});

test('of the progress of an attempt the last word is kept, and the last of each health, where it was told', async () => {
  const runId = await handOut();
  const word = (n: number, health: 'ok' | 'stalled', part = 0): StepInput => ({
    runId,
    messageId: `p${n}`,
    input: { kind: 'progressed', ...about, part, counts: { n }, health },
  });
  await keep(succeeded(runId, 1), word(1, 'ok'));
  expect(await keep(word(2, 'ok'), word(3, 'stalled'), word(4, 'stalled'), word(5, 'ok', 1))).toEqual(['kept', 'kept', 'kept', 'kept']);
  expect(await keep(word(6, 'ok'), word(4, 'stalled'))).toEqual(['kept', 'duplicate']);
  const kept =
    "SELECT key->'input'->'counts'->'n' AS n, key->>'code' AS why FROM orchestration.timer WHERE timer LIKE 'report/%' ORDER BY fires_at";
  expect((await rig.query<{ n: number | null; why: string | null }>(kept)).map(({ n, why }) => [n, why])).toEqual([
    [null, 'UNKNOWN'],
    [4, null],
    [5, null],
    [6, 'UNKNOWN'],
  ]);
});

test('the deadline of a run that keeps reports ends it', async () => {
  await deployTimed('timeout: 1h\n', '');
  const runId = await handOut('timed');
  await rig.step(started(runId));
  await keep(succeeded(runId));
  await rig.query("UPDATE orchestration.timer SET fires_at = clock_timestamp() - interval '1 second'");
  await takeDueInputs(due());
  expect(await statuses()).toEqual(['cancelling']);
  expect(await keptKinds()).toEqual(['succeeded0']);
});

test('a run that keeps reports is cancelled with the one that started it', async () => {
  const runId = await handOut();
  await rig.step(started(runId));
  await keep(succeeded(runId));
  const input = { kind: 'cancel', by: 'a run', reason: 'as agreed' };
  const tell = "INSERT INTO orchestration.timer (run_id, timer, fires_at, key) VALUES ($1, 'cancel/x', clock_timestamp(), $2)";
  await rig.query(tell, [runId, JSON.stringify({ input })]);
  await makeDue();
  await takeDueInputs(due());
  expect(await statuses()).toEqual(['cancelling']);
  expect(await keptKinds()).toEqual(['succeeded0']);
});

test('a lease that was over before reports of its run were kept is not over any more', async () => {
  const runId = await handOut();
  await rig.query("UPDATE orchestration.task_run SET lease_until = clock_timestamp() - interval '1 second' WHERE lease_until IS NOT NULL");
  await keep(succeeded(runId));
  expect(await rig.step({ runId, messageId: null, input: { kind: 'lost', ...about } })).toEqual([{ outcome: 'duplicate' }]);
});
