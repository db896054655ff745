import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createLatestReader, createLatestVitalsCache, createPool, readLatestVitals } from '@vigil/postgres';
import { startStack } from '@vigil/stack';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import type { Redis } from 'ioredis';
import { aReading } from '../../fixtures/records.ts';
import { createSinkBench, drained, type SinkBench } from '../../fixtures/sink-bench.ts';
import { connectRedis } from '../connect-redis.ts';
import { createCacheWriter } from './cache-writer.ts';
import { createOperationalSink, operationalSpec } from './create-operational-sink.ts';
import { rewindOperational } from './rewind-operational.ts';

const { vitalsReadingAccepted, identityObserved } = topics;
const key = { id: 'data1', secret: Buffer.alloc(32, 7) };
const base = 1_700_000_000_000;

let database: TestDatabase;
let bench: SinkBench;
let redis: Redis;

beforeAll(async () => {
  database = await createTestDatabase('vigil');
  redis = connectRedis((await startStack()).env.redisUrl);
  while (redis.status !== 'ready') await new Promise((resolve) => void setTimeout(resolve, 5));
});
beforeEach(async () => {
  await database.pool.query('TRUNCATE clinical.vital_reading, clinical.patient_latest, clinical.patient_identity, engine.sink_offset');
  bench = await createSinkBench({ spec: operationalSpec });
});
afterEach(() => bench.stop());
afterAll(async () => {
  redis?.disconnect();
  await database?.drop();
});

const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await database.pool.query<Record<string, unknown>>(sql)).rows;
const patient = (): string => `t1.${Math.random().toString(36).slice(2)}`;

test('readings are stored with what was excluded, and each vital keeps its latest value', async () => {
  const patientToken = patient();
  await bench.send(vitalsReadingAccepted, [
    aReading(10, {
      patientToken,
      heartRate: 80,
      systolic: 120,
      excluded: [{ field: 'temperature_c', code: 'OUT_OF_RANGE', rawValue: 300 }],
      temperatureC: null,
    }),
    aReading(5, { patientToken, heartRate: 60, temperatureC: 37.5 }),
    aReading(12, { patientToken, heartRate: 85 }),
    aReading(12, { patientToken, heartRate: 86 }),
    aReading(1, { patientToken: patient() }),
    aReading(1, { patientToken: patient() }),
    aReading(1, { patientToken: patient() }),
  ]);
  const stage = await bench.start(createOperationalSink(database.pool));
  await drained(stage, bench);
  await bench.send(vitalsReadingAccepted, [aReading(11, { patientToken, heartRate: 1, diastolic: 70 })]);
  await drained(stage, bench);

  expect(
    (await rows('SELECT excluded, heart_rate, ward FROM (SELECT *, NULL AS ward FROM clinical.vital_reading) r ORDER BY src_offset'))[0],
  ).toMatchObject({
    heart_rate: 80,
    excluded: [{ field: 'temperature_c', code: 'OUT_OF_RANGE', rawValue: 300 }],
  });
  expect(await readLatestVitals(database.pool, patientToken)).toMatchObject({
    observedAt: base + 12_000,
    vitals: {
      heart_rate: { value: 86, observedAt: base + 12_000 },
      systolic: { value: 120, observedAt: base + 10_000 },
      diastolic: { value: 70, observedAt: base + 11_000 },
      temperature_c: { observedAt: base + 12_000 },
    },
  });
  expect(await readLatestVitals(database.pool, 'nobody')).toBeNull();
});

test('a rewind and a reload change nothing, latest values included', async () => {
  const patientToken = patient();
  await bench.send(
    vitalsReadingAccepted,
    Array.from({ length: 200 }, (_, index) => aReading((index * 37) % 200, { patientToken, heartRate: index })),
  );
  const stage = await bench.start(createOperationalSink(database.pool));
  await drained(stage, bench);
  const contents = async () => [
    await rows('SELECT * FROM clinical.vital_reading ORDER BY src_offset'),
    await readLatestVitals(database.pool, patientToken),
  ];
  const before = await contents();
  await rewindOperational({ pool: database.pool, topic: vitalsReadingAccepted.name, partition: 0, toOffset: 50 });
  expect((await rows('SELECT FROM clinical.vital_reading')).length).toBe(50);

  // Nothing new is sent: the idle loader finds out by itself.
  while ((await rows('SELECT FROM clinical.vital_reading')).length < 200) await new Promise((resolve) => void setTimeout(resolve, 20));
  expect(await contents()).toEqual(before);
});

test('the last sealed identity of a patient is kept apart, and emptied when it is withdrawn', async () => {
  const [ann, ben] = [patient(), patient()];
  const identity = (patientToken: string, byte: number) => ({ patientToken, sealed: Buffer.from([byte]), keyId: 'k1', observedAt: byte });
  await bench.send(identityObserved, [identity(ann, 1), identity(ann, 2)], { key: ann });
  await bench.send(identityObserved, [identity(ben, 3)], { key: ben });
  await bench.send(identityObserved, [identity(patient(), 4)], { key: patient() });
  const pool = createPool({ url: database.url, applicationName: 'loader', role: 'vigil_loader_operational' });
  try {
    const stage = await bench.start(createOperationalSink(pool));
    await drained(stage, bench);
    expect(await rows(`SELECT sealed, key_id FROM clinical.patient_identity WHERE patient_token = '${ann}'`)).toEqual([
      { sealed: Buffer.from([2]), key_id: 'k1' },
    ]);
    await bench.send(identityObserved, [null], { key: ann });
    await bench.send(vitalsReadingAccepted, [aReading(1)]);
    await drained(stage, bench);
    expect(await rows(`SELECT sealed, key_id FROM clinical.patient_identity WHERE patient_token = '${ann}'`)).toEqual([
      { sealed: Buffer.alloc(0), key_id: '' },
    ]);
    await expect(pool.query('SELECT sealed FROM clinical.patient_identity')).rejects.toMatchObject({ code: '42501' });
    await bench.stop();
  } finally {
    await pool.end();
  }
});

test('Redis answers what PostgreSQL answers, sealed; without Redis the answer is the same', async () => {
  const patientToken = patient();
  const cache = createLatestVitalsCache(redis, key);
  const writer = createCacheWriter(cache, () => undefined);
  await bench.send(vitalsReadingAccepted, [aReading(1, { patientToken }), aReading(2, { patientToken, heartRate: 99 })]);
  await drained(await bench.start(createOperationalSink(database.pool, writer)), bench);
  await writer.settle();

  const slow = await createLatestReader({ pool: database.pool })(patientToken);
  expect(slow).toMatchObject({ patientToken, observedAt: new Date(base + 2_000).toISOString(), vitals: { heart_rate: { value: 99 } } });
  const nothing = createPool({ url: 'postgres://127.0.0.1:9/none', applicationName: 'test', connectTimeoutMs: 200 });
  expect(await createLatestReader({ pool: nothing, cache })(patientToken)).toEqual(slow);
  await expect(createLatestReader({ pool: nothing })(patientToken)).rejects.toMatchObject({ code: 'DATABASE_AWAY' });
  await nothing.end();

  const stored = await redis.hgetallBuffer(`vigil:latest-vitals:${patientToken}`);
  expect(Buffer.concat(Object.values<Buffer>(stored)).includes('heart_rate')).toBe(false);
  expect(await redis.pttl(`vigil:latest-vitals:${patientToken}`)).toBeGreaterThan(0);
  expect(await createLatestVitalsCache(redis, { ...key, secret: Buffer.alloc(32, 8) }).get(patientToken)).toBeNull();
});

test('an older entry never replaces a newer one in Redis', async () => {
  const cache = createLatestVitalsCache(redis, key);
  const patientToken = patient();
  const entry = (revision: number) => ({ patientToken, observedAt: revision, receivedAt: 0, vitals: {}, revision });
  await cache.put([entry(2)]);
  await cache.put([entry(1)]);
  expect(await cache.get(patientToken)).toMatchObject({ observedAt: 2 });
  await cache.put([entry(10)]);
  expect(await cache.get(patientToken)).toMatchObject({ observedAt: 10 });
  expect(await cache.get(patient())).toBeNull();
});

test('Redis that is away fails at once and changes nothing', async () => {
  const patientToken = patient();
  const away = connectRedis('redis://127.0.0.1:9');
  try {
    const failed: number[] = [];
    const cache = createLatestVitalsCache(away, key);
    const writer = createCacheWriter(cache, (patients) => failed.push(patients));
    await bench.send(vitalsReadingAccepted, [aReading(1, { patientToken })]);
    await drained(await bench.start(createOperationalSink(database.pool, writer)), bench);
    await writer.settle();
    expect(failed).toEqual([1]);

    const failures: unknown[] = [];
    const read = createLatestReader({ pool: database.pool, cache, onCacheFailed: (error) => failures.push(error) });
    expect(await read(patientToken)).toMatchObject({ patientToken });
    expect(failures).toHaveLength(1);
  } finally {
    away.disconnect();
  }
});
