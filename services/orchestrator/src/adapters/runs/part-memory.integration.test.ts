import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { inTransaction } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { aRun, forgetRunsSql } from '../../../fixtures/run-harness.ts';
import { cutAt, openStepRig, type StepRig } from '../../../fixtures/step-rig.ts';
import type { StepInput } from '../../domain/runs/run-store.ts';
import { createReportTarget, reportSink } from './create-report-target.ts';
import { createRunStore } from './create-run-store.ts';
import type { Stepper } from './create-stepper.ts';
import { createPartRowsReader, type PartRowsReader } from './part-rows.ts';
import { lockRuns } from './run-rows.ts';

let database: TestDatabase;
let rig: StepRig;
let partRows: PartRowsReader;
let runId: string;

const parts = 100;
beforeAll(async () => {
  database = await createTestDatabase('vigil');
});
afterAll(() => database?.drop());
afterEach(() => rig.close());
beforeEach(async () => {
  await database.pool.query(forgetRunsSql);
  rig = openStepRig(database.url);
  await rig.definitions.deploy(
    `name: wide\ntasks:\n  - {name: one, type: business_logic, function: score, fan_out: {partitions: ${parts}}}\n`,
    't',
  );
  const run = aRun('wide');
  await rig.request(run);
  ({ runId } = run);
  partRows = createPartRowsReader(2 * parts);
});

const about = { task: 'one', epoch: 1 } as const;
const started = (part: number): StepInput => ({
  runId,
  messageId: null,
  input: { kind: 'started', ...about, part, attempt: 1, worker: 'w' },
});
const succeeded = (part: number, text: string): StepInput => ({
  runId,
  messageId: null,
  input: { kind: 'succeeded', ...about, part, result: { counts: {}, values: { text }, ref: null } },
});
const step = async (...inputs: StepInput[]): Promise<void> =>
  partRows.remember((await inTransaction(rig.pool, (transaction) => rig.stepper.take(transaction, inputs, 0))).left);
/** How many parts are known where no row tells of one. */
const remembered = () =>
  inTransaction(rig.pool, async (transaction) => {
    const { runs } = await lockRuns(transaction, [runId]);
    await transaction.query('SAVEPOINT before');
    await transaction.query('DELETE FROM orchestration.run_part');
    const read = await partRows.read(transaction, runs);
    await transaction.query('ROLLBACK TO SAVEPOINT before');
    return read.get(runId)?.get('one')?.length ?? 0;
  });

test('a part with a large result weighs more in memory than one without', async () => {
  await step(started(0), succeeded(0, 'short'));
  expect(await remembered()).toBe(parts);
  await step(started(1), succeeded(1, 'x'.repeat(parts * 512)));
  expect(await remembered()).toBe(0);
});

test('what is remembered of runs is forgotten where a step fails: the database may come back as it was before', async () => {
  await step(started(0));
  let cuts = 1;
  const take: Stepper['take'] = (transaction, inputs, claimMs) => {
    const given = cuts > 0 ? cutAt(transaction, 1, database.pool).transaction : transaction;
    cuts -= 1;
    return rig.stepper.take(given, inputs, claimMs);
  };
  const nothing = (): void => undefined;
  const stepper = { ...rig.stepper, take };
  const store = createRunStore({
    pool: rig.pool,
    stepper,
    claimMs: 0,
    settle: nothing,
    settleAll: nothing,
    onFailed: () => partRows.forget(),
  });
  expect(await remembered()).toBe(parts);
  await store.step([started(1)]).catch(nothing);
  expect(cuts).toBeLessThan(1);
  expect(await remembered()).toBe(0);
});

test('what is remembered of runs is forgotten where a batch of reports is not written', async () => {
  await step(started(0));
  const nothing = (): void => undefined;
  const target = createReportTarget({
    pool: rig.pool,
    stepper: rig.stepper,
    claimMs: 0,
    maxLeaseMs: 60_000,
    settle: nothing,
    onReported: nothing,
    onFailed: () => partRows.forget(),
  });
  const { taskReported: of } = topics;
  const slice = { topic: of.name, partition: 0, of, epoch: 1, startOffset: 0, nextOffset: 1, rejected: [], records: [] };
  expect(await remembered()).toBe(parts);
  const write = target.write({ sink: reportSink.name, partition: 0, nowMs: 1, slices: [slice] });
  await expect(write).rejects.toMatchObject({ kind: 'fenced' });
  expect(await remembered()).toBe(0);
});
