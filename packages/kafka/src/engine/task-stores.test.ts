import { expect, test } from '@jest/globals';
import { topics, type AvroSchema } from '@vigil/contracts';
import { processed } from '@vigil/core';
import { countSchema, readings, type Count, type Reading } from '../../test-support/plain-topics.ts';
import { createValueEncoder } from '../codec/value-encoder.ts';
import { createMemoryBroker } from '../memory/memory-broker.ts';
import { createMemoryRegistry } from '../registry/memory-registry.ts';
import type { RowDecoder, StoreSpec } from '../topology/state-store.ts';
import { defineTopology, source, type Handler } from '../topology/topology.ts';
import { openTaskStores } from './task-stores.ts';
import { planTopology } from './topology-plan.ts';

const changelog = 'keeping.counts.changelog';
const nothing: Handler<Reading, unknown> = () => processed();

/** What a store is told, in order; it keeps every row whose key does not begin with `now`. */
type Told = string[];
const keepingStore = (told: Told): StoreSpec<Told> => ({
  schema: countSchema,
  open: (decode?: RowDecoder) => ({
    view: told,
    restore: (key, value) => void told.push(`${key} restored as ${value === null ? 'gone' : (value as Count).count}`),
    keep({ bytes, keyFrom, keyTo, from, to }) {
      const key = bytes.toString('utf8', keyFrom, keyTo);
      if (key.startsWith('now')) return false;
      told.push(`${key} kept as ${from < 0 || !decode ? 'gone' : (decode(bytes, from, to) as Count).count}`);
      return true;
    },
    changes: () => [],
    changeCount: () => 0,
    changedBytes: () => 0,
    merge: () => undefined,
    rollback: () => undefined,
    clear: () => void told.splice(0),
  }),
});

type Row = readonly [key: string | null, value: Buffer | null];

/** What a restore tells a store of these rows, whose values are written under `schema`. */
async function restoreOf(rowsOf: (row: (count: number) => Buffer) => readonly Row[], schema: AvroSchema = countSchema) {
  const told: Told = [];
  const stores = { counts: keepingStore(told) };
  const topology = defineTopology({ name: 'keeping', sources: [source(readings, nothing)], sinks: [], stores });
  const broker = createMemoryBroker({ clock: { now: () => 0 } });
  const registry = createMemoryRegistry();
  for (const name of ['readings', 'readings.keeping.retry', 'readings.keeping.dlq', changelog, topics.batchProgressed.name])
    broker.createTopic(name, 1);
  const client = broker.connect();
  const plan = await planTopology(topology, client, registry);
  const encode = createValueEncoder(countSchema, registry.register(schema));
  const rows = rowsOf((count) => encode({ count })).map(([key, value]) => ({ key: key === null ? null : Buffer.from(key), value }));
  const producer = await client.openIdempotentProducer();
  await producer.send(rows.map((row) => ({ ...row, topic: changelog, partition: 0, headers: [], timestamp: 0 })));
  const restored = await openTaskStores(plan, 0).restore({ client, registry, pollMs: 1 });
  return { told, restored };
}

test('a store may take rows as they lie, tombstones too; what it does not take is decoded for it, in log order', async () => {
  const { told, restored } = await restoreOf((row) => [
    ['a', row(1)],
    ['now b', row(2)],
    ['a', null],
    ['now b', null],
    [null, row(3)],
  ]);

  expect(told).toEqual(['a kept as 1', 'now b restored as 2', 'a kept as gone', 'now b restored as gone', ' restored as 3']);
  expect(restored).toBe(5);
});

test('a row that is none of its schema is refused at the restore, and not when it is needed', async () => {
  await expect(restoreOf((row) => [['a', row(1).subarray(0, -1)]])).rejects.toMatchObject({ code: 'MALFORMED_AVRO' });
  await expect(restoreOf(() => [['a', Buffer.from('no')]])).rejects.toMatchObject({ code: 'MALFORMED_AVRO' });
});

test('rows of an earlier version of the schema may be kept, too', async () => {
  const { told } = await restoreOf((row) => [['a', row(4)]], { ...countSchema, doc: 'an earlier version' });

  expect(told).toEqual(['a kept as 4']);
});
