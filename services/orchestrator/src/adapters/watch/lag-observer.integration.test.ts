import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics, type LagObserved } from '@vigil/contracts';
import { systemClock } from '@vigil/core';
import { createKafkaClient, createMemoryRegistry, openObservedLags, type KafkaClient } from '@vigil/kafka';
import { bindEvents, createHealth, createMetrics } from '@vigil/runtime';
import { startStack } from '@vigil/stack';
import { createTestDatabase, namespaced, type TestDatabase } from '@vigil/testing';
import { startLagObserver } from '../../adapters/watch/start-lag-observer.ts';
import { createTroubleLog } from '../../adapters/watch/trouble-log.ts';
import { events } from '../../events.ts';

const received = topics.vitalsReadingReceived.name;
const registry = createMemoryRegistry();
let databases: TestDatabase[];
let connect: () => KafkaClient;

beforeAll(async () => {
  const { env } = await startStack();
  databases = [await createTestDatabase('vigil'), await createTestDatabase('vigil_warehouse')];
  const prefix = `lag-${randomBytes(4).toString('hex')}.`;
  connect = () => namespaced(createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'orchestrator-test' }), prefix);
  const client = connect();
  const names = [topics.lagObserved.name, topics.troubleRaised.name, received];
  await client.admin.createTopics(names.map((name) => ({ name, partitions: 1, replicationFactor: 1, config: {} })));
  await client.close();
}, 120_000);
afterAll(() => Promise.all(databases.map((database) => database.drop())));

/** An instance of the observer as the service starts it. */
async function startInstance() {
  const client = connect();
  const lines: string[] = [];
  const failures: unknown[] = [];
  const closers: (() => unknown)[] = [];
  const health = createHealth();
  const [operational, warehouse] = databases.map(({ url }) => url);
  await startLagObserver({
    settings: { databaseUrl: operational ?? '', warehouseUrl: warehouse ?? '', sessionTimeoutMs: 6000, lagEveryMs: 250 },
    client,
    registry,
    clock: systemClock,
    metrics: createMetrics('orchestrator'),
    events: bindEvents(events, { metrics: createMetrics('orchestrator'), write: (_level, message) => void lines.push(message) }),
    health,
    onClose: (_name, close) => void closers.push(close),
    fail: (error) => void failures.push(error),
  });
  health.started();
  return {
    lines,
    failures,
    health,
    close: async () => {
      for (const close of closers.reverse()) await close();
      await client.close();
    },
  };
}

const isObserving = ({ lines }: { readonly lines: readonly string[] }): boolean => lines.includes('this instance observes the lag');

async function until<Found>(look: () => Promise<Found | false | undefined> | Found | false | undefined): Promise<Found> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== false && found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('It did not come to that within a minute.');
    await sleep(50);
  }
}

test('of two instances one observes, the other takes over; what is behind is published with its age', async () => {
  const reader = connect();
  const producer = await reader.openIdempotentProducer();
  const record = { topic: received, partition: 0, key: null, value: Buffer.from('x'), headers: [], timestamp: Date.now() - 60_000 };
  await producer.send([record, record, record]);
  await reader.admin.commitPositions('device-ingest', [{ topic: received, partition: 0, offset: 1, metadata: '' }]);

  const [first, second] = [await startInstance(), await startInstance()];
  const observed = openObservedLags(reader, registry);
  const seen = (holds: (lag: LagObserved) => boolean) =>
    until(async () => {
      const lag = (await observed.read(100)).get('device-ingest');
      return lag !== undefined && holds(lag) && lag;
    });

  expect(await seen(({ state }) => state === 'STOP')).toMatchObject({ lagRecords: 2, worstTopic: received, worstPartition: 0 });
  expect((await seen(() => true)).lagSeconds).toBeGreaterThan(50);
  const active = await until(() => [first, second].find(isObserving));
  const idle = active === first ? second : first;
  const log = createTroubleLog(reader, registry);
  const changes = async () => (await log.told()).map(({ change, kind, stage }) => ({ change, kind, stage }));
  const raised = { change: 'raised', kind: 'group-stopped', stage: 'device-ingest' };
  await until(async () => (await changes()).length > 0);
  expect(isObserving(idle)).toBe(false);
  expect(active.health.report().ready && idle.health.report().ready).toBe(true);

  await active.close();
  await until(() => isObserving(idle));
  await reader.admin.commitPositions('device-ingest', [{ topic: received, partition: 0, offset: 3, metadata: '' }]);
  expect(await seen(({ lagRecords }) => lagRecords === 0)).toMatchObject({ state: 'OK', lagSeconds: 0, worstTopic: '' });
  await until(async () => (await changes()).some(({ change }) => change === 'cleared'));
  expect(await changes()).toEqual([raised, { ...raised, change: 'cleared' }]);

  await idle.close();
  await observed.close();
  await log.close();
  await producer.close();
  await reader.close();
  expect([...first.failures, ...second.failures]).toEqual([]);
}, 120_000);
