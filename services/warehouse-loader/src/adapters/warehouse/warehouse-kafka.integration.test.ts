import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dlqTopicOf, retryTopicOf, topics } from '@vigil/contracts';
import {
  createKafkaClient,
  createMemoryRegistry,
  createValueEncoder,
  runSink,
  type KafkaClient,
  type ProducedRecord,
  type Stage,
  type ValueEncoder,
} from '@vigil/kafka';
import { readPositions } from '@vigil/postgres';
import { startStack } from '@vigil/stack';
import { createTestDatabase, namespaced, type TestDatabase } from '@vigil/testing';
import { aDeidReading, idOf } from '../../fixtures/records.ts';
import { createWarehouseSink, warehouseSpec } from './create-warehouse-sink.ts';
import { rewindWarehouse } from './rewind-warehouse.ts';

const topic = topics.deidReadingAccepted;
const partitions = 2;
const registry = createMemoryRegistry();

let database: TestDatabase;
let brokers: string[];
let prefix: string;
let encode: ValueEncoder;
const clients: KafkaClient[] = [];

const connect = (): KafkaClient => {
  const client = namespaced(createKafkaClient({ brokers, clientId: 'loader-test' }), prefix);
  clients.push(client);
  return client;
};

beforeAll(async () => {
  brokers = (await startStack()).env.kafkaBrokers.split(',');
  database = await createTestDatabase('vigil_warehouse');
  prefix = `t${randomBytes(4).toString('hex')}.`;
  encode = createValueEncoder(topic.schema, await registry.idOf(`${topic.name}-value`, topic.schema));
  const names = warehouseSpec.sources.flatMap(({ topic: { name } }) => [
    name,
    dlqTopicOf(name, warehouseSpec.name),
    retryTopicOf(name, warehouseSpec.name),
  ]);
  const created = [...names, topics.batchProgressed.name].map((name) => ({ name, partitions, replicationFactor: 1, config: {} }));
  await connect().admin.createTopics(created);
}, 60_000);

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await database?.drop();
});

const recordsOf = (from: number, count: number): ProducedRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    topic: topic.name,
    partition: (from + index) % partitions,
    key: Buffer.from('d1.alice'),
    value: encode(aDeidReading(from + index)),
    headers: [],
    timestamp: null,
  }));

const start = (): Promise<Stage> =>
  runSink(warehouseSpec, { client: connect(), registry, target: createWarehouseSink(database.pool).target });

/** Ids in the warehouse: uuids of version 8 keep the digits that our ids count with. */
async function loaded(): Promise<number[]> {
  const { rows } = await database.pool.query<{ id: string }>('SELECT reading_id::text AS id FROM warehouse.fact_vital_reading');
  return rows.map(({ id }) => Number.parseInt(id.replaceAll('-', '').slice(20), 16)).sort((a, b) => a - b);
}

/** I6: the positions in the database are the ends of the log, past markers. */
async function untilDrained(): Promise<void> {
  const { admin } = connect();
  for (;;) {
    const ends = await admin.stableOffsets(topic.name);
    const positions = await readPositions(database.pool, warehouseSpec.name);
    const at = ends.map(
      (_, partition) => positions.find((place) => place.topic === topic.name && place.partition === partition)?.nextOffset,
    );
    if (ends.every((end, partition) => at[partition] === end)) return;
    await new Promise((resolve) => void setTimeout(resolve, 50));
  }
}

test('on Kafka: every committed reading once, no aborted one, through a change of owners and a rewind', async () => {
  const producer = await connect().openTransactionalProducer({ transactionalId: 'source', transactionTimeoutMs: 10_000 });
  await producer.fence();
  const first = await start();
  let sent = 0;
  const sendTransaction = async (count: number): Promise<void> => {
    await producer.begin();
    await producer.send(recordsOf(sent, count));
    await producer.commit();
    sent += count;
  };
  for (let round = 0; round < 5; round++) await sendTransaction(400);
  await producer.begin();
  await producer.send(recordsOf(1_000_000, 50));
  await producer.abort();

  const second = await start();
  for (let round = 0; round < 5; round++) await sendTransaction(400);
  await first.drain({ withinMs: 5_000 });
  for (let round = 0; round < 2; round++) await sendTransaction(300);
  await untilDrained();
  const all = Array.from({ length: sent }, (_, index) => index);
  expect(idOf(sent)).toHaveLength(32);
  expect(await loaded()).toEqual(all);

  await rewindWarehouse({ pool: database.pool, topic: topic.name, partition: 1, toOffset: 500 });
  await untilDrained();
  expect(await loaded()).toEqual(all);
  expect(await second.drain({ withinMs: 5_000 })).toBe(true);
  const { rows } = await database.pool.query<{ rows: number }>('SELECT sum(rows)::int AS rows FROM warehouse.load');
  expect(rows[0]?.rows).toBe(sent);
}, 120_000);
