import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createKafkaClient, createMemoryRegistry, type KafkaClient } from '@vigil/kafka';
import { startStack } from '@vigil/stack';
import { createTestDatabase, namespaced, type TestDatabase } from '@vigil/testing';
import { aRun, runTopics, startRunHarness, until } from '../fixtures/run-harness.ts';

let database: TestDatabase;
let connect: () => KafkaClient;

beforeAll(async () => {
  const { env } = await startStack();
  database = await createTestDatabase('vigil');
  const prefix = `runs-${randomBytes(4).toString('hex')}.`;
  connect = () => namespaced(createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'runs-test' }), prefix);
  const client = connect();
  await client.admin.createTopics(runTopics.map((name) => ({ name, partitions: 4, replicationFactor: 1, config: {} })));
  await client.close();
}, 60_000);
afterAll(() => database?.drop());

const flow = `
name: three_steps
tasks:
  - {name: one, type: business_logic, function: score}
  - {name: two, type: business_logic, function: score, depends_on: [one], fan_out: {partitions: 3}}
  - {name: three, type: business_logic, function: score, depends_on: [two]}
`;

test('on a real broker two orchestrators share the runs, one leaves in the middle, and every part is asked for once', async () => {
  const registry = createMemoryRegistry();
  const first = await startRunHarness({ databaseUrl: database.url, connect, registry, slots: 6 });
  const second = await startRunHarness({ databaseUrl: database.url, connect, registry, slots: 6, worker: null });
  await first.definitions.deploy(flow, 'tester');
  await second.definitions.deploy(flow, 'tester');
  for (let n = 0; n < 10; n++) await (n % 2 === 0 ? first : second).runs.request([aRun('three_steps'), aRun('three_steps')]);
  const endedRuns = async (): Promise<number> =>
    (await first.query<{ n: number }>("SELECT count(*)::int AS n FROM orchestration.run WHERE status = 'succeeded'"))[0]?.n ?? 0;
  await until(async () => (await endedRuns()) >= 3);
  await second.stop();
  await until(async () => (await endedRuns()) === 20);

  expect(first.worker.requests.map(({ kind }) => kind)).not.toContain('cancel');
  expect(new Set(first.worker.requests.map(({ runId, task, part, epoch }) => `${runId} ${task} ${part} ${epoch}`)).size).toBe(100);
  expect(first.worker.requests.every(({ epoch }) => epoch === 1)).toBe(true);
  expect(await first.query("SELECT count(*)::int AS n FROM orchestration.task_run WHERE state = 'succeeded'")).toEqual([{ n: 100 }]);
  await until(async () => (await first.query('SELECT FROM orchestration.outbox')).length === 0);
  expect(await first.query('SELECT FROM orchestration.pool_slot')).toEqual([]);
  expect([...first.fatal, ...second.fatal]).toEqual([]);
  await first.stop();
}, 60_000);
