import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { createMemoryBroker, createMemoryRegistry, systemEngineClock, type MemoryBroker } from '@vigil/kafka';
import { inTransaction } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { forgetSql } from '../../fixtures/router-harness.ts';
import { createChangeRelay } from './create-change-relay.ts';

let database: TestDatabase;
let broker: MemoryBroker;

beforeAll(async () => {
  database = await createTestDatabase('vigil');
});
afterAll(async () => {
  await database?.drop();
});
beforeEach(async () => {
  await database.pool.query(forgetSql);
  broker = createMemoryBroker({ clock: systemEngineClock });
  broker.createTopic(topics.incidentChanged.name, 1);
  const change = { incidentId: 'k1.i', changeId: 'c', alertId: 'a', severity: 'critical', channel: '', step: 0, changedAt: 1 };
  for (const name of ['opened', 'accepted'])
    await database.pool.query('INSERT INTO alerting.change_outbox (change) VALUES ($1)', [{ ...change, change: name }]);
});

const published = async (): Promise<number> => (await broker.connect().admin.stableOffsets(topics.incidentChanged.name))[0] ?? 0;
const waiting = async (): Promise<number> => (await database.pool.query('SELECT 1 FROM alerting.change_outbox')).rowCount ?? 0;

test('changes leave the outbox once the broker has them, and none when it fails', async () => {
  let away = true;
  const client = broker.connect({
    hook: async (point) => {
      if (away && point.startsWith('produce')) throw new VigilError('KAFKA_AWAY');
    },
  });
  const { relay, close } = createChangeRelay({ pool: database.pool, client, registry: createMemoryRegistry() });

  await expect(relay()).rejects.toMatchObject({ code: 'KAFKA_AWAY' });
  expect(await waiting()).toBe(2);
  away = false;
  expect(await relay()).toBe(2);
  expect([await waiting(), await published()]).toEqual([0, 2]);
  expect(await relay()).toBe(0);
  await close();
});

test('one relay at a time: another process waits its turn', async () => {
  const { relay, close } = createChangeRelay({ pool: database.pool, client: broker.connect(), registry: createMemoryRegistry() });

  await inTransaction(database.pool, async (other) => {
    await other.query('SELECT pg_advisory_xact_lock(7236517)');
    expect(await relay()).toBe(0);
  });
  expect(await relay()).toBe(2);
  await close();
});
