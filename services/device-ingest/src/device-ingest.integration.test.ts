import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock, tokenOf } from '@vigil/core';
import { allTopics, topics, type ReadingAccepted } from '@vigil/contracts';
import {
  createKafkaClient,
  createMemoryRegistry,
  createValueDecoder,
  partitionOf,
  runTopology,
  systemEngineClock,
  type KafkaClient,
} from '@vigil/kafka';
import { createLatestVitalsCache, inTransaction, upsertLatestVitals } from '@vigil/postgres';
import { bindEvents, createMetrics, type Log } from '@vigil/runtime';
import { startStack, type StackEnv } from '@vigil/stack';
import { createTestDatabase, namespaced, type TestDatabase } from '@vigil/testing';
import { Redis } from 'ioredis';
import { aMessage } from '../test-support/messages.ts';
import { openGateway } from './adapters/open-gateway.ts';
import { openLatestReader } from './adapters/open-latest-reader.ts';
import { readPartitions } from './adapters/read-partitions.ts';
import { events } from './events.ts';
import { createTopology, sourceTopics } from './topology.ts';

const partitions = 4;
const apiKey = 'a-key-for-the-gateway';
const tokenKey = { id: 't1', secret: randomBytes(32) };
const dataKey = { id: 'k1', secret: randomBytes(32) };
const directory = mkdtempSync(join(tmpdir(), 'vigil-ingest-'));
const apiKeyFile = join(directory, 'key');
writeFileSync(apiKeyFile, apiKey);

const registry = createMemoryRegistry();
let env: StackEnv;
let database: TestDatabase;
let connect: () => KafkaClient;

/** A topic that was just created has no leader yet for a moment. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + 60_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > until) throw new Error('The new topics are not there after a minute.');
    await sleep(200);
  }
}

beforeAll(async () => {
  ({ env } = await startStack());
  database = await createTestDatabase('vigil');
  const prefix = `ingest-${randomUUID().slice(0, 8)}.`;
  connect = () => namespaced(createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'device-ingest-test' }), prefix);
  const client = connect();
  const shape = { chainPartitions: partitions, replicationFactor: 1 };
  const needed = allTopics(shape).filter(({ name }) => /device-ingest|^(vitals\.reading|patients|lineage|vitals\.window)/.test(name));
  const names = needed.map(({ name }) => name);
  await client.admin.createTopics(needed.map(({ name, config }) => ({ name, partitions, replicationFactor: 1, config })));
  await eventually(async () => {
    const described = await client.admin.describeTopics(names);
    await Promise.all(names.map((name) => client.admin.stableOffsets(name)));
    return described.length === names.length;
  });
  await client.close();
}, 180_000);

afterAll(async () => {
  await database.drop();
  rmSync(directory, { recursive: true });
});

const running = new Set<() => Promise<void>>();
afterEach(async () => {
  for (const stop of running) await stop();
});

/** The service as `main.ts` wires it, on topics of its own; stopped after the test at the latest. */
async function serve(latestUrls: { readonly databaseUrl: string; readonly redisUrl?: string }) {
  const client = connect();
  const closers: (() => unknown)[] = [() => client.close()];
  const stop = async (): Promise<void> => {
    running.delete(stop);
    for (const close of closers.splice(0).toReversed()) await close();
  };
  running.add(stop);
  const metrics = createMetrics('device-ingest');
  const emitters = bindEvents(events, { metrics, write: () => undefined });
  const partitionsOf = await readPartitions(client.admin, sourceTopics, systemEngineClock);
  const topology = createTopology({
    tokenKey,
    dataKey,
    random: randomBytes,
    historicAfterMs: 900_000,
    partitionOfDevice: (deviceId) => partitionOf(Buffer.from(deviceId), partitionsOf(sourceTopics[0])),
    observer: { excluded: () => undefined, flagged: () => undefined, misplaced: () => undefined },
  });
  const stage = await runTopology(topology, { client, registry });
  closers.push(() => stage.drain({ withinMs: 10_000 }));
  const latest = openLatestReader({ ...latestUrls, dataKey, onCacheFailed: () => emitters.cacheFailed({}) });
  closers.push(latest.close);
  const port = await openGateway({
    settings: {
      gatewayHost: '127.0.0.1',
      gatewayPort: 0,
      gatewayApiKeyFile: apiKeyFile,
      gatewayTimeoutMs: 10_000,
      gatewayWaitingMegabytes: 64,
      gatewayBodiesMegabytes: 64,
      gatewayTargetMs: 1000,
      historicAfterMs: 900_000,
      highLagMs: 60_000,
      lowLagMs: 30_000,
      minAdmittedRate: 100,
      maxAdmittedRate: 20_000,
    },
    client,
    registry,
    clock: systemClock,
    limits: {},
    partitionsOf,
    readLatest: latest.readLatest,
    events: emitters,
    log: { failure: () => undefined } as unknown as Log,
    onClose: (_name, close) => void closers.push(close),
  });
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const url = `http://127.0.0.1:${port}`;
  return {
    metrics,
    post: async (body: string) => {
      const response = await fetch(`${url}/v1/readings`, { method: 'POST', body, headers });
      return [response.status, await response.json()];
    },
    latest: async (token: string) => {
      const response = await fetch(`${url}/v1/patients/${token}/latest`, { headers });
      return { status: response.status, body: (await response.json()) as { vitals?: Record<string, { value: number }> } };
    },
    stop,
  };
}

/** Reads what is accepted from the start until a reading of `lastDevice` comes. */
async function acceptedUntil(lastDevice: string): Promise<readonly ReadingAccepted[]> {
  const { name, schema } = topics.vitalsReadingAccepted;
  const decode = createValueDecoder(schema, { ...registry, cached: () => schema });
  const client = connect();
  const fetcher = await client.openFetcher();
  for (let partition = 0; partition < partitions; partition++) fetcher.assign({ topic: name, partition }, 0);
  const values: ReadingAccepted[] = [];
  const until = Date.now() + 30_000;
  try {
    while (!values.some(({ deviceId }) => deviceId === lastDevice)) {
      if (Date.now() > until) throw new Error(`No reading of ${lastDevice} among ${values.length} accepted ones.`);
      for (const { records } of await fetcher.poll(200)) {
        for (const { value } of records) if (value !== null) values.push(decode(value) as ReadingAccepted);
      }
    }
    return values;
  } finally {
    await fetcher.close();
    await client.close();
  }
}

const readings = (from: number, to: number): string =>
  JSON.stringify(
    Array.from({ length: to - from }, (_, at) =>
      aMessage({ device_id: 'M1', timestamp: '2024-03-15T14:30:00Z', message_id: `m${from + at}`, measurements: { heart_rate: 60 } }),
    ),
  );

test('what the gateway takes is accepted once, repeats over a restart included', async () => {
  const first = await serve({ databaseUrl: database.url });
  expect(await first.post(readings(0, 100))).toEqual([202, { accepted: 100 }]);
  expect(await first.post(readings(50, 150))).toEqual([202, { accepted: 100 }]);
  expect(await first.post(JSON.stringify(aMessage({ device_id: 'M2' })))).toEqual([202, { accepted: 1 }]);
  await acceptedUntil('M2');
  await first.stop();

  const second = await serve({ databaseUrl: database.url });
  expect(await second.post(readings(100, 200))).toEqual([202, { accepted: 100 }]);
  // The same partition as M1: what comes after it is read after it.
  const neighbour = Array.from({ length: 100 }, (_, at) => `N${at}`).find(
    (id) => partitionOf(Buffer.from(id), partitions) === partitionOf(Buffer.from('M1'), partitions),
  ) as string;
  await second.post(JSON.stringify(aMessage({ device_id: neighbour })));
  const accepted = await acceptedUntil(neighbour);
  await second.stop();

  expect(accepted.filter(({ deviceId }) => deviceId === 'M1')).toHaveLength(200);
  expect(new Set(accepted.map(({ eventId }) => eventId)).size).toBe(202);
}, 120_000);

test('latest vitals come from Redis, and without it from PostgreSQL', async () => {
  const patientToken = tokenOf(tokenKey, 'patient', randomUUID());
  const at = Date.UTC(2024, 2, 15);
  const stored = { patientToken, observedAt: at, receivedAt: at, vitals: { heart_rate: { value: 72, observedAt: at } } };
  await inTransaction(database.pool, (transaction) => upsertLatestVitals(transaction, [stored]));
  const redis = new Redis(env.redisUrl);
  const cached = { ...stored, vitals: { heart_rate: { value: 73, observedAt: at } }, revision: 2 };
  const cache = createLatestVitalsCache(redis, dataKey);

  const whole = await serve({ databaseUrl: database.url, redisUrl: env.redisUrl });
  const valueFrom = async (service: typeof whole) => (await service.latest(patientToken)).body.vitals?.['heart_rate']?.value;
  // The connection to the cache opens in the background; until then PostgreSQL answers. Entries live for half a minute.
  const answers = new Set<number | undefined>();
  const until = Date.now() + 30_000;
  while (!answers.has(73) && Date.now() < until) {
    await cache.put([cached]);
    answers.add(await valueFrom(whole));
  }
  expect(answers).toContain(73);
  expect(answers).not.toContain(undefined);
  redis.disconnect();
  await whole.stop();

  const unreachable = await serve({ databaseUrl: database.url, redisUrl: 'redis://127.0.0.1:1' });
  expect(await valueFrom(unreachable)).toBe(72);
  expect((await unreachable.latest(tokenOf(tokenKey, 'patient', 'nobody'))).status).toBe(404);
  expect(await unreachable.metrics.expose()).toMatch(/vigil_gateway_cache_failures_total\{service="device-ingest"\} 2/);
  await unreachable.stop();

  const alone = await serve({ databaseUrl: 'postgresql://127.0.0.1:1/vigil' });
  expect((await alone.latest(patientToken)).status).toBe(503);
  await alone.stop();
}, 120_000);
