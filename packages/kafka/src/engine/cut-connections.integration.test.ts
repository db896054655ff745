import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { emit, processed } from '@vigil/core';
import { startStack } from '@vigil/stack';
import { namespaced } from '@vigil/testing';
import { eventually, readTo } from '../contract/contract-world.ts';
import { deleteTopics } from '../../test-support/delete-topics.ts';
import { countSchema, passed, readings, readingSchema, type Count, type Reading } from '../../test-support/plain-topics.ts';
import { createValueDecoder } from '../codec/value-decoder.ts';
import { createValueEncoder } from '../codec/value-encoder.ts';
import { createKafkaClient } from '../kafkajs/create-kafka-client.ts';
import { createMemoryRegistry } from '../registry/memory-registry.ts';
import { keyedStore } from '../topology/keyed-store.ts';
import type { KeyedView } from '../topology/state-store.ts';
import { defineTopology, sink, source, type Handler } from '../topology/topology.ts';
import { runTopology } from './run-topology.ts';

const count: Handler<Reading, { readonly counts: KeyedView<Count> }> = ({ key, value }, { stores }) => {
  const counted = stores.counts.edit(key ?? '', () => ({ count: 0 }));
  counted.count++;
  return processed([emit(passed, key ?? '', { id: value.id * 10_000 + counted.count })]);
};
const counting = defineTopology({
  name: 'counting',
  stores: { counts: keyedStore<Count>({ schema: countSchema, clone: (value) => ({ ...value }) }) },
  sources: [source(readings, count)],
  sinks: [sink(passed)],
});

test('connections that are cut at any moment lose nothing and double nothing', async () => {
  const stack = await startStack();
  const sockets = new Set<Socket>();
  const client = createKafkaClient({
    brokers: stack.env.kafkaBrokers.split(','),
    clientId: 'cut-test',
    longPollMs: 100,
    openSocket: ({ host, port, onConnect }) => {
      const socket = connect({ host, port, noDelay: true }, onConnect);
      sockets.add(socket.on('close', () => sockets.delete(socket)));
      return socket;
    },
  });
  const steady = createKafkaClient({ brokers: stack.env.kafkaBrokers.split(','), clientId: 'cut-test-steady' });
  const prefix = `cut-${randomUUID().slice(0, 8)}-`;
  const own = namespaced(client, prefix);
  const other = namespaced(steady, prefix);
  const names = [
    'readings',
    'passed',
    'readings.counting.retry',
    'readings.counting.dlq',
    'counting.counts.changelog',
    topics.batchProgressed.name,
  ];
  await other.admin.createTopics(names.map((name) => ({ name, partitions: 2, replicationFactor: 1, config: {} })));
  const registry = createMemoryRegistry();
  const encode = createValueEncoder(readingSchema, registry.register(readingSchema));

  // Each member that is cut off while it joins holds up the group for a session.
  const settings = { sessionTimeoutMs: 2_000, commitIntervalMs: 10, commitRecords: 50, pollMs: 50, retryCapMs: 200 };
  const stage = await runTopology(counting, { client: own, registry, settings });
  const sending = own.openIdempotentProducer();
  const total = 3_000;
  for (let from = 0; from < total; from += 100) {
    const batch = Array.from({ length: 100 }, (_, index) => ({
      topic: 'readings',
      partition: index % 2,
      key: Buffer.from(`k${index % 4}`),
      value: encode({ id: from + index }),
      headers: [],
      timestamp: null,
    }));
    const sent = (await sending).send(batch);
    // Every round another connection dies, wherever it is in its work; every fifth all of them.
    for (const [number, socket] of [...sockets].entries())
      if (from % 500 === 0 || number === (from / 100) % sockets.size)
        socket.destroy(Object.assign(new Error('cut'), { code: 'ECONNRESET' }));
    await sent;
  }
  // A member whose connection died while it joined stays in the group until its session ends, and may be given partitions.
  const inputEnds = await other.admin.stableOffsets('readings');
  const isCommitted = (end: number, partition: number): boolean =>
    stage.health().partitions.some((at) => at.topic === 'readings' && at.partition === partition && at.committed === end);
  await eventually(() => inputEnds.every(isCommitted), 'all is committed');
  const ends = await other.admin.stableOffsets('passed');
  expect(await stage.drain({ withinMs: 10_000 })).toBe(true);
  const records = (await Promise.all(ends.map((end, partition) => readTo(other, { topic: 'passed', partition }, end)))).flat();
  const decode = createValueDecoder(readingSchema, { ...registry, cached: () => readingSchema });
  const seen = new Map<string, number[]>();
  const ids = records.map(({ key, value }) => {
    const { id } = decode(value ?? Buffer.alloc(0)) as Reading;
    const name = key?.toString() ?? '';
    seen.set(name, [...(seen.get(name) ?? []), id % 10_000]);
    return Math.floor(id / 10_000);
  });

  expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, id) => id));
  for (const counts of seen.values()) expect(counts).toEqual(counts.map((_, index) => index + 1));
  await (await sending).close();
  await own.close();
  await other.close();
  await deleteTopics(stack.env.kafkaBrokers.split(','), prefix);
}, 120_000);
