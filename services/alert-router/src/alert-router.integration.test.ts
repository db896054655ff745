import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createKafkaClient, type KafkaClient } from '@vigil/kafka';
import { startStack } from '@vigil/stack';
import { createTestDatabase, namespaced, type TestDatabase } from '@vigil/testing';
import { harnessTopics, startHarness, until } from '../fixtures/router-harness.ts';

let database: TestDatabase;
let connect: () => KafkaClient;

beforeAll(async () => {
  const { env } = await startStack();
  database = await createTestDatabase('vigil');
  const prefix = `alerts-${randomBytes(4).toString('hex')}.`;
  connect = () => namespaced(createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'alert-router-test' }), prefix);
  const client = connect();
  await client.admin.createTopics(harnessTopics.map((name) => ({ name, partitions: 2, replicationFactor: 1, config: {} })));
  await client.close();
}, 60_000);
afterAll(() => database?.drop());

const start = () => startHarness({ databaseUrl: database.url, connect, providers: { pagerDutyPerMinute: 10_000 } });
const burst = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ alertId: `alert-${from + n}`, patientToken: `t1.${n}` }));

test('on a real broker every alert is paged once and published, also across a change of process', async () => {
  const first = await start();
  await first.publish(...burst(0, 60));
  const before = await first.accepted((list) => list.length >= 60);
  await first.publish(...burst(60, 60));
  await first.close();

  const second = await start();
  await until(async () => (await second.query("SELECT 1 FROM alerting.incident_event WHERE change = 'accepted'")).length === 120);
  const after = second.providers.log.accepted;
  const keys = [...before, ...first.providers.log.accepted.slice(60), ...after].map(({ message }) => message['dedup_key']);
  expect(new Set(keys).size).toBe(120);
  expect(await second.query("SELECT count(*)::int AS n FROM alerting.incident WHERE state = 'open'")).toEqual([{ n: 120 }]);

  const changes = await until(async () => {
    const list = await second.changes();
    return new Set(list.map(({ changeId }) => changeId)).size >= 240 && list;
  });
  const orders = Map.groupBy(changes, ({ incidentId }) => incidentId);
  for (const order of orders.values()) expect([...new Set(order.map(({ change }) => change))]).toEqual(['opened', 'accepted']);
  const [latency] = await second.query<{ p50: number; p99: number }>(
    `SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY latency_ms)::int AS p50, percentile_disc(0.99) WITHIN GROUP (ORDER BY latency_ms)::int AS p99
     FROM alerting.delivery_attempt WHERE latency_ms IS NOT NULL`,
  );
  process.stdout.write(`alert latency of a burst of 60 and a restart: p50 ${latency?.p50} ms, p99 ${latency?.p99} ms\n`);
  expect([...first.fatal, ...second.fatal]).toEqual([]);
  await second.close();
}, 90_000);
