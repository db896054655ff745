import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { dlqTopicOf, topics } from '@vigil/contracts';
import { createMemoryBroker, createMemoryRegistry, systemEngineClock, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { reportOf } from '../../../fixtures/instant-worker.ts';
import { aRun, forgetRunsSql, runTopics, startRunHarness, until, type RunHarness } from '../../../fixtures/run-harness.ts';

let database: TestDatabase;
let harness: RunHarness;

beforeAll(async () => {
  database = await createTestDatabase('vigil');
});
afterAll(() => database?.drop());
// The process would end with the first of these.
afterEach(async () => {
  expect(harness.fatal).toEqual([]);
  expect(harness.reports.health()).toMatchObject({ state: 'running' });
  await harness.stop();
});

let connect: () => KafkaClient;
let registry: SchemaRegistry;
const pace = { lookMs: 20, leasesMs: 50, observeMs: 50, pruneMs: 1000, explainMs: 20 };
const options = () => ({ databaseUrl: database.url, connect, registry, pace, worker: { answer: () => [] } });
const start = async (): Promise<void> => {
  await database.pool.query(forgetRunsSql);
  const broker = createMemoryBroker({ clock: systemEngineClock });
  for (const name of runTopics) broker.createTopic(name, 2);
  connect = () => broker.connect();
  registry = createMemoryRegistry();
  harness = await startRunHarness(options());
  await harness.definitions.deploy('name: lonely\ntasks:\n  - {name: one, type: business_logic, function: score}\n', 'tester');
};
const begin = async () => {
  const run = aRun('lonely');
  await harness.runs.request([run]);
  return until(() => harness.worker.requests.find(({ runId }) => runId === run.runId));
};
const statusOf = async (runId: string) => (await harness.reader.findRun(runId))?.status;
const historyOf = async (runId: string) => (await harness.reader.listEvents(runId, 0, 10)).map(({ input }) => input.kind);
const keptOf = async (runId: string) =>
  (
    await harness.query<{ kind: string }>(
      "SELECT key->'input'->>'kind' AS kind FROM orchestration.timer WHERE run_id = $1 AND timer LIKE 'report/%' ORDER BY fires_at",
      [runId],
    )
  ).map(({ kind }) => kind);
const deadLetters = async (): Promise<number> =>
  (await harness.client.admin.stableOffsets(dlqTopicOf(topics.taskReported.name, 'orchestrator'))).reduce((sum, end) => sum + end, 0);
/** As when somebody edited it: the reducer throws on it. */
const breakRun = async (runId: string): Promise<unknown> => {
  const [row] = await harness.query<{ tasks: unknown }>("SELECT state->'tasks' AS tasks FROM orchestration.run WHERE run_id = $1", [runId]);
  await harness.query(`UPDATE orchestration.run SET state = state || '{"tasks": null}' WHERE run_id = $1`, [runId]);
  return row?.tasks;
};

const mend = (runId: string, tasks: unknown) =>
  harness.query("UPDATE orchestration.run SET state = jsonb_set(state, '{tasks}', $2) WHERE run_id = $1", [runId, JSON.stringify(tasks)]);

test('reports that a run cannot take are kept in their order; the others of the batch go on; mended, the run goes on from there', async () => {
  await start();
  const [good, bad] = [await begin(), await begin()];
  const tasks = await breakRun(bad.runId);
  await harness.worker.report([
    reportOf(bad, { kind: 'started' }),
    reportOf(good, { kind: 'started' }),
    reportOf(bad, { kind: 'succeeded', counts: { read: 7 } }),
    reportOf(good, { kind: 'succeeded' }),
  ]);
  await until(async () => (await statusOf(good.runId)) === 'succeeded');
  await until(async () => (await keptOf(bad.runId)).length === 2);
  expect(await keptOf(bad.runId)).toEqual(['started', 'succeeded']);
  expect(harness.told.filter(({ event }) => event === 'reportsKept').map(({ facts }) => facts)).toEqual([{ code: 'UNKNOWN' }]);
  await until(() => harness.told.some(({ event, facts }) => event === 'runsObserved' && facts['keptReports'] === 2));

  await mend(bad.runId, tasks);
  await harness.query("UPDATE orchestration.timer SET fires_at = fires_at - interval '2 minutes'");
  await until(async () => (await statusOf(bad.runId)) === 'succeeded');
  expect(await historyOf(bad.runId)).toEqual(['requested', 'started', 'succeeded']);
  expect((await harness.reader.listTasks(bad.runId))[0]?.counts).toEqual({ read: 7 });
  expect(await keptOf(bad.runId)).toEqual([]);
  expect(await deadLetters()).toBe(0);
});

test('a report that PostgreSQL cannot even keep goes to the dead letters; the run and the others of the batch go on', async () => {
  await start();
  const [good, bad] = [await begin(), await begin()];
  await harness.worker.report([
    reportOf(bad, { kind: 'started' }),
    reportOf(bad, { kind: 'failed', errorCode: 'SOURCE_AWAY', errorClass: 'dependency', detail: 'a text with \u0000 in it' }),
    reportOf(good, { kind: 'started' }),
    reportOf(good, { kind: 'succeeded' }),
    reportOf(bad, { kind: 'succeeded' }),
  ]);
  await until(async () => (await statusOf(good.runId)) === 'succeeded');
  await until(async () => (await statusOf(bad.runId)) === 'succeeded');
  expect(await historyOf(bad.runId)).toEqual(['requested', 'started', 'succeeded']);
  expect(await deadLetters()).toBe(1);
});

test('a heartbeat that PostgreSQL cannot take goes to the dead letters; workers are heard of all the same', async () => {
  await start();
  const only = await begin();
  await harness.worker.report([{ kind: 'heartbeat', worker: 'default@bad\u0000name' }, reportOf(only, { kind: 'started' })]);
  await until(async () => (await historyOf(only.runId)).includes('started'));
  await until(async () => (await deadLetters()) === 1);
});

test('whoever takes the reports over knows which runs keep some: what comes then stands behind them', async () => {
  await start();
  const bad = await begin();
  const tasks = await breakRun(bad.runId);
  await harness.worker.report([reportOf(bad, { kind: 'started' })]);
  await until(async () => (await keptOf(bad.runId)).length === 1);
  await mend(bad.runId, tasks);
  await harness.stop();

  harness = await startRunHarness(options());
  await harness.worker.report([reportOf(bad, { kind: 'succeeded' })]);
  await until(async () => (await keptOf(bad.runId)).length === 2);
  expect(await keptOf(bad.runId)).toEqual(['started', 'succeeded']);
});
