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
const handOut = async (): Promise<string> => {
  const run = aRun('wide');
  await rig.request(run);
  await rig.dispatcher()('default');
  return run.runId;
};
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
