import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics, type BatchProgressed } from '@vigil/contracts';
import { emit, processed, rejected } from '@vigil/core';
import { startStack } from '@vigil/stack';
import { namespaced } from '@vigil/testing';
import { eventually, readTo } from '../contract/contract-world.ts';
import { deleteTopics } from '../../test-support/delete-topics.ts';
import { countSchema, passed, readings, readingSchema, type Count, type Reading } from '../../test-support/plain-topics.ts';
import { createValueDecoder } from '../codec/value-decoder.ts';
import { createKafkaClient } from '../kafkajs/create-kafka-client.ts';
import type { KafkaClient } from '../ports/kafka-client.ts';
import { createMemoryRegistry, type MemoryRegistry } from '../registry/memory-registry.ts';
import { keyedStore } from '../topology/keyed-store.ts';
import type { KeyedView } from '../topology/state-store.ts';
import { defineTopology, sink, source, type Handler } from '../topology/topology.ts';
import type { EngineEvent } from './engine-observer.ts';
import { runTopology } from './run-topology.ts';

const partitions = 4;
const prefix = `engine-${randomUUID().slice(0, 8)}-`;
const clients: KafkaClient[] = [];
let registry: MemoryRegistry;
let brokers: readonly string[];
let client: KafkaClient;

const connect = (): KafkaClient => {
  const opened = createKafkaClient({ brokers, clientId: 'engine-test', longPollMs: 100 });
  clients.push(opened);
  return namespaced(opened, prefix);
};

interface Stores {
  readonly counts: KeyedView<Count>;
}

/** Counts per key: what is handled twice, or forgotten, shows in the numbers that come out. */
const count: Handler<Reading, Stores> = ({ key, value }, { stores }) => {
  if (value.id % 50 === 0) return rejected('BAD_SHAPE');
  const counted = stores.counts.edit(key ?? '', () => ({ count: 0 }));
  counted.count++;
  return processed([emit(passed, key ?? '', { id: value.id * 1_000 + counted.count })]);
};
const counting = defineTopology({
  name: 'counting',
  stores: { counts: keyedStore<Count>({ schema: countSchema, clone: (value) => ({ ...value }) }) },
  sources: [source(readings, count)],
  sinks: [sink(passed)],
});

beforeAll(async () => {
  const stack = await startStack();
  brokers = stack.env.kafkaBrokers.split(',');
  registry = createMemoryRegistry();
  client = connect();
  const names = [
    'readings',
    'passed',
    'readings.counting.retry',
    'readings.counting.dlq',
    'counting.counts.changelog',
    topics.batchProgressed.name,
  ];
  await client.admin.createTopics(names.map((name) => ({ name, partitions, replicationFactor: 1, config: {} })));
});
afterAll(async () => {
  await Promise.all(clients.map((opened) => opened.close()));
  await deleteTopics(brokers, prefix);
});

const idSchemaOf = async (): Promise<number> => registry.idOf('readings', readingSchema);
async function send(from: number, to: number): Promise<void> {
  const id = await idSchemaOf();
  const header = Buffer.of(0, 0, 0, 0, id);
  const zigzag = (value: number): Buffer => {
    const bytes: number[] = [];
    let rest = value * 2;
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
    return Buffer.from([...bytes, rest]);
  };
  const producer = await client.openIdempotentProducer();
  await producer.send(
    Array.from({ length: to - from }, (_, index) => {
      const number = from + index;
      return {
        topic: 'readings',
        partition: number % partitions,
        key: Buffer.from(`k${number % 8}`),
        value: Buffer.concat([header, zigzag(number)]),
        headers: [],
        timestamp: null,
      };
    }),
  );
  await producer.close();
}

async function valuesOf<Value>(topic: string, decode: (value: Buffer) => unknown): Promise<readonly (Value & { readonly key: string })[]> {
  const ends = await client.admin.stableOffsets(topic);
  const all = await Promise.all(ends.map((end, partition) => readTo(client, { topic, partition }, end)));
  return all.flat().map(({ key, value }) => ({ ...(decode(value ?? Buffer.alloc(0)) as Value), key: key?.toString() ?? '' }));
}

test('two instances, one of them killed and one drained: every record once, state and ledger complete', async () => {
  const events: EngineEvent[] = [];
  const start = async (name: string, dying?: { isDead: boolean }) => {
    const own = connect();
    const hang = <Value>(work: () => Promise<Value>): Promise<Value> => (dying?.isDead ? new Promise(() => undefined) : work());
    // A killed process answers nothing any more, and the broker learns it only by the end of its session.
    const mortal: KafkaClient = {
      ...own,
      openTransactionalProducer: async (options) => {
        const producer = await own.openTransactionalProducer(options);
        return { ...producer, send: (records) => hang(() => producer.send(records)), commit: () => hang(() => producer.commit()) };
      },
    };
    const stage = await runTopology(counting, {
      client: mortal,
      registry,
      settings: { commitIntervalMs: 20, commitRecords: 100, pollMs: 100, serviceVersion: name },
      observer: { on: (event) => void events.push(event) },
    });
    return stage;
  };
  const dying = { isDead: false };
  const first = await start('first', dying);
  await send(1, 1_001);
  await eventually(() => first.health().openTasks === partitions, 'the first owns all');
  const second = await start('second');
  await send(1_001, 2_001);
  await eventually(() => second.health().openTasks === 2, 'they share');
  dying.isDead = true;
  await send(2_001, 3_001);
  const third = await start('third');
  await clients[1]?.close();
  await eventually(() => second.health().openTasks + third.health().openTasks === partitions, 'the survivors share');
  await send(3_001, 4_001);
  await eventually(() => second.health().drained && third.health().drained, 'everything is read');
  expect(await second.drain({ withinMs: 10_000 })).toBe(true);
  await eventually(() => third.health().openTasks === partitions && third.health().drained, 'the third has all');
  await send(4_001, 5_001);
  await eventually(
    async () =>
      (await client.admin.stableOffsets('readings')).every((end, partition) =>
        third.health().partitions.some((at) => at.topic === 'readings' && at.partition === partition && at.committed === end),
      ),
    'all is committed',
  );
  expect(third.health()).toMatchObject({ state: 'running', lagSeconds: 0, drained: true });
  await third.drain({ withinMs: 10_000 });
  expect(await first.drain({ withinMs: 50 })).toBe(false);

  const schemaOf = { ...registry, cached: () => readingSchema };
  const written = await valuesOf<Reading>('passed', createValueDecoder(readingSchema, schemaOf));
  const numbers = Array.from({ length: 5_000 }, (_, index) => index + 1).filter((number) => number % 50 !== 0);
  expect(written.map(({ id }) => Math.floor(id / 1_000)).toSorted((a, b) => a - b)).toEqual(numbers);
  for (const key of new Set(written.map((value) => value.key))) {
    const seen = written.filter((value) => value.key === key).map(({ id }) => id % 1_000);
    expect(seen).toEqual(seen.map((_, index) => index + 1));
  }
  const rows = await valuesOf<BatchProgressed>(
    topics.batchProgressed.name,
    createValueDecoder(topics.batchProgressed.schema, { ...registry, cached: () => topics.batchProgressed.schema }),
  );
  const sum = (field: 'consumed' | 'processed' | 'rejected'): number => rows.reduce((total, row) => total + row[field], 0);
  expect([sum('consumed'), sum('processed'), sum('rejected')]).toEqual([5_000, 4_900, 100]);
  expect((await valuesOf('readings.counting.dlq', () => ({}))).length).toBe(100);
  expect(events.some(({ type }) => type === 'task-restored')).toBe(true);
}, 90_000);
