import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { inTransaction } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { decide, replayRun, type RunInput, type RunState } from '@vigil/workflows';
import { aRun, forgetRunsSql } from '../../../fixtures/run-harness.ts';
import { openStepRig, type StepRig } from '../../../fixtures/step-rig.ts';
import type { StepInput } from '../../domain/runs/run-store.ts';
import { restoreState, type PartsByTask } from '../../domain/runs/stored-state.ts';
import { createPlanCache } from './create-definition-store.ts';
import { createStepper } from './create-stepper.ts';
import { createPartRowsReader } from './part-rows.ts';
import { lockRuns } from './run-rows.ts';

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
  await rig.definitions.deploy(
    `name: wide\ntasks:\n  - {name: one, type: business_logic, function: score, fan_out: {partitions: ${parts}}}\n  - {name: two, type: business_logic, function: score, depends_on: [one]}\n`,
    'tester',
  );
});

const parts = 100;
const noResult = { counts: {}, values: {}, ref: null };
const about = { task: 'one', epoch: 1 } as const;
const started = (runId: string, part: number): StepInput => ({
  runId,
  messageId: null,
  input: { kind: 'started', ...about, part, attempt: 1, worker: 'w' },
});
const succeeded = (runId: string, part: number): StepInput => ({
  runId,
  messageId: null,
  input: { kind: 'succeeded', ...about, part, result: { counts: { read: part }, values: {}, ref: null } },
});
const begin = async (): Promise<string> => {
  const run = aRun('wide');
  await rig.request(run);
  return run.runId;
};
const readState = (): Promise<RunState> =>
  inTransaction(rig.pool, async (transaction) => {
    const { rows } = await transaction.query<{ runId: string }>('SELECT run_id AS "runId" FROM orchestration.run');
    const { runs } = await lockRuns(
      transaction,
      rows.map(({ runId }) => runId),
    );
    const [run] = runs;
    if (!run?.state) throw new Error('no state');
    const read = await createPartRowsReader().read(transaction, runs);
    return restoreState(run.state, read.get(run.runId) as PartsByTask);
  });
const replay = async (): Promise<RunState | null> => {
  const plan = await rig.definitions.planOf('wide', 1);
  if (!plan) throw new Error('no plan');
  const rows = await rig.query<{ input: RunInput }>('SELECT input FROM orchestration.run_event ORDER BY seq');
  return replayRun(rows.map(({ input }) => ({ plan, input })));
};
/** Which version of each row of a part stands there. */
const versions = async (): Promise<readonly string[]> =>
  (await rig.query<{ v: string }>('SELECT xmin::text AS v FROM orchestration.run_part ORDER BY task, part')).map(({ v }) => v);

test('a step of a large fan-out writes the parts that it changed and no others', async () => {
  const runId = await begin();
  expect(
    await rig.query("SELECT state->'tasks'->'one'->'parts' AS n, pg_column_size(state) < 2000 AS small FROM orchestration.run"),
  ).toEqual([{ n: parts, small: true }]);
  const before = await versions();
  expect(before).toHaveLength(parts);
  await rig.step(started(runId, 7), started(runId, 30), succeeded(runId, 30));
  const after = await versions();
  expect(after.flatMap((version, part) => (version === before[part] ? [] : [part]))).toEqual([7, 30]);
  expect(await readState()).toEqual(await replay());
});

test('processes that remember and one that reads come to the state of the history, in whatever order they move the run', async () => {
  const runId = await begin();
  const stepperOf = () => {
    const partRows = createPartRowsReader();
    const stepper = createStepper({ decide, ...createPlanCache(), hooks: {}, leaseMs: 15_000, partRows });
    return async (...inputs: StepInput[]): Promise<void> => {
      const stepped = await inTransaction(rig.pool, (transaction) => stepper.take(transaction, inputs, 0));
      partRows.remember(stepped.left);
    };
  };
  const forgetful = async (...inputs: StepInput[]): Promise<void> => void (await rig.step(...inputs));
  const processes = [stepperOf(), stepperOf(), forgetful];
  const turns = Array.from({ length: parts }, (_, part) => part * 7919);
  for (const [place, turn] of turns.entries()) {
    const part = (place * 37) % parts;
    await processes[turn % 3]?.(started(runId, part));
    await processes[(turn >> 3) % 3]?.(succeeded(runId, part));
  }
  const state = await readState();
  expect(state).toEqual(await replay());
  expect(state.tasks['one']).toMatchObject({ status: 'succeeded', result: { counts: { read: (parts * (parts - 1)) / 2 } } });
  expect(state.tasks['two']?.status).toBe('active');
});

test('what a transaction that was rolled back had decided is not remembered', async () => {
  const runId = await begin();
  const partRows = createPartRowsReader();
  const stepper = createStepper({ decide, ...createPlanCache(), hooks: {}, leaseMs: 15_000, partRows });
  const take = (...inputs: StepInput[]) => inTransaction(rig.pool, (transaction) => stepper.take(transaction, inputs, 0));
  partRows.remember((await take(started(runId, 0))).left);
  await expect(
    inTransaction(rig.pool, async (transaction) => {
      await stepper.take(transaction, [succeeded(runId, 0)], 0);
      throw new RangeError('rolled back');
    }),
  ).rejects.toThrow('rolled back');
  partRows.remember((await take(started(runId, 1))).left);
  await take(succeeded(runId, 1));
  expect(await readState()).toEqual(await replay());
});

test('a task that is to run again has no rows until it is due', async () => {
  await rig.definitions.deploy(
    `name: late\ntasks:\n  - {name: zero, type: business_logic, function: score}\n  - {name: one, type: business_logic, function: score, depends_on: [zero], fan_out: {partitions: ${parts}}}\n`,
    'tester',
  );
  const { runId } = aRun('late');
  await rig.request({ ...aRun('late'), runId });
  const zero = { task: 'zero', part: 0, epoch: 1 } as const;
  const by = { by: 'a person', reason: '' } as const;
  const step = (...inputs: StepInput['input'][]) => rig.step(...inputs.map((input) => ({ runId, messageId: null, input })));
  await step({ kind: 'started', ...zero, attempt: 1, worker: 'w' }, { kind: 'succeeded', ...zero, result: noResult });
  expect(await versions()).toHaveLength(parts);
  await step({ kind: 'cancel', ...by }, ...Array.from({ length: parts }, (_, part) => ({ kind: 'stopped', ...about, part }) as const));
  await step({ kind: 'rerun', task: 'zero', ...by });
  expect(await versions()).toEqual([]);
  expect((await readState()).tasks['one']).toMatchObject({ status: 'waiting', parts: [] });
});

test('a state of an earlier version, with all its parts inside, goes into rows with its next step; rows that it had left are removed', async () => {
  const runId = await begin();
  const whole = await readState();
  await rig.query('INSERT INTO orchestration.run_part SELECT run_id, task, part + $1::integer, state FROM orchestration.run_part', [parts]);
  await rig.query('UPDATE orchestration.run SET state = $1', [JSON.stringify(whole)]);
  expect(await readState()).toEqual(await replay());
  await rig.step(started(runId, 3));
  expect(await versions()).toHaveLength(parts);
  expect(await readState()).toEqual(await replay());
});
