import { expect, test } from '@jest/globals';
import { emit, emitAggregate, late, processed, suppressed, VigilError } from '@vigil/core';
import { drive } from '@vigil/testing';
import { aTopic, countSchema, passed, readings, readingSchema, type Count, type Reading } from '../../test-support/plain-topics.ts';
import { createMemoryBroker } from '../memory/memory-broker.ts';
import { createMemoryRegistry } from '../registry/memory-registry.ts';
import { keyedStore } from '../topology/keyed-store.ts';
import { partitionOf } from '../topology/partition-of.ts';
import type { KeyedView } from '../topology/state-store.ts';
import { defineTopology, sink, source, type Handler, type Tick } from '../topology/topology.ts';
import { createVirtualClock } from './engine-clock.ts';
import { createStageMachine } from './stage-machine.ts';
import { planTopology } from './topology-plan.ts';

interface Stores {
  readonly counts: KeyedView<Count>;
}
const counts = keyedStore<Count>({ schema: countSchema, clone: (value) => ({ ...value }) });
const pass: Handler<Reading, unknown> = ({ key, value }) => processed([emit(passed, key ?? '', value)]);
const passing = defineTopology({ name: 'passing', sources: [source(readings, pass)], sinks: [sink(passed)] });
const aReading = (id: number) => ({ key: 'k', value: { id } });
const idsOf = (driver: ReturnType<typeof drive>): number[] => driver.read(passed).map(({ id }) => id);

test('while the registry is away records wait, nothing is quarantined, and what is known goes on', async () => {
  const driver = drive(passing);
  await driver.pipe(readings, aReading(1));
  const id = driver.registry.register({ ...readingSchema, doc: 'a later version' });
  driver.registry.setAway(true);
  await driver.pipe(readings, aReading(2), { key: 'k', value: Buffer.of(0, 0, 0, 0, id, 6) }, aReading(4));
  await driver.advance(60_000);
  expect(idsOf(driver)).toEqual([1]);
  expect(driver.health()).toMatchObject({ isWaiting: true, drained: false });
  driver.registry.setAway(false);
  await driver.advance(60_000);

  expect(idsOf(driver)).toEqual([1, 2, 3, 4]);
  expect(driver.quarantined()).toEqual([]);
  expect(driver.events.filter(({ type }) => type === 'retrying').length).toBeGreaterThan(1);
});

test('what is handled already is committed before anything waits for the registry', async () => {
  const driver = drive(passing, { settings: { commitIntervalMs: 50 } });
  await driver.pipe(readings, aReading(1));
  await driver.advance(1_000);
  driver.registry.setAway(true);
  await driver.pipe(readings, aReading(2));
  await driver.pipe(readings, { key: 'k', value: Buffer.of(0, 0, 0, 0, 77, 6) });
  await driver.advance(10_000);

  expect(idsOf(driver)).toEqual([1, 2]);
});

test('an unknown schema is asked for again, and quarantined only after three denials', async () => {
  const driver = drive(passing);
  const later = driver.registry.register({ ...readingSchema, doc: 'the newest so far' }) + 3;
  await driver.pipe(readings, aReading(1), { key: 'k', value: Buffer.of(0, 0, 0, 0, later, 6) });
  expect(driver.quarantined()).toEqual([]);
  while (driver.registry.register({ ...readingSchema, doc: `registered a moment later: ${Math.random()}` }) < later);
  await driver.advance(5_000);
  expect(idsOf(driver)).toEqual([1, 3]);
  await driver.pipe(readings, { key: 'k', value: Buffer.of(0, 0, 0, 0, 50, 6) });
  await driver.advance(5_000);
  expect(driver.quarantined().map(({ code }) => code)).toEqual(['UNKNOWN_SCHEMA_ID']);
  await driver.advance(60_000);
  await driver.pipe(readings, { key: 'k', value: Buffer.of(0, 0, 0, 0, 50, 6) });
  await driver.advance(5_000);

  expect(driver.quarantined()).toHaveLength(2);
});

test('the ledger has a row per source topic and batch id, and lineage travels with single records only', async () => {
  const topology = defineTopology({
    name: 'mixed',
    sources: [
      source<Reading, unknown>(readings, ({ value }) => {
        if (value.id === 1) return late(true, [emit(passed, 'k', value)]);
        if (value.id === 2) return late(false);
        if (value.id === 3) return suppressed('consent');
        return processed([emit(passed, 'k', value), emitAggregate(passed, 'k', value)]);
      }),
    ],
    sinks: [sink(passed)],
  });
  const driver = drive(topology);
  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const inBatch = (id: number, batch: string) => ({
    ...aReading(id),
    headers: { 'vigil-batch-id': batch, traceparent: trace, other: 'x' },
  });
  await driver.pipe(readings, inBatch(1, 'a'), inBatch(2, 'a'), inBatch(3, 'b'), inBatch(4, 'a'), aReading(5));

  expect(driver.ledger()).toMatchObject([
    {
      stage: 'mixed',
      topic: 'readings',
      partition: 0,
      batchId: 'a',
      firstOffset: 0,
      lastOffset: 3,
      consumed: 3,
      processed: 1,
      late: 2,
      lateCorrected: 1,
      outputs: { passed: 3 },
    },
    { batchId: 'b', firstOffset: 2, lastOffset: 2, consumed: 1, suppressed: 1, outputs: {} },
    { batchId: null, firstOffset: 4, consumed: 1, processed: 1, outputs: { passed: 2 } },
  ]);
  expect(driver.records(passed).map(({ headers }) => headers)).toEqual([
    { 'vigil-batch-id': 'a', traceparent: trace },
    { 'vigil-batch-id': 'a', traceparent: trace },
    {},
    {},
    {},
  ]);
});

test('records go to the partition they came from, or to that of their new key', async () => {
  const byKey = aTopic<Reading>('by-key', readingSchema);
  const topology = defineTopology({
    name: 'routing',
    sources: [
      source<Reading, unknown>(readings, ({ value }) =>
        processed([emit(passed, `p${value.id}`, value), emit(byKey, `p${value.id}`, value)]),
      ),
    ],
    sinks: [sink(passed), sink(byKey, 'key')],
  });
  const driver = drive(topology, { partitions: 4 });
  await driver.pipe(readings, ...Array.from({ length: 40 }, (_, id) => ({ key: `d${id}`, value: { id } })));

  for (const { key, partition } of driver.records(byKey)) expect(partition).toBe(partitionOf(Buffer.from(key ?? ''), 4));
  for (const { value, partition } of driver.records(passed)) expect(partition).toBe(partitionOf(Buffer.from(`d${value.id}`), 4));
  expect(new Set(driver.ledger().map(({ partition }) => partition)).size).toBe(4);
});

test('time passes in ticks that know whether everything is read', async () => {
  const ticks: Tick[] = [];
  const topology = defineTopology({
    name: 'ticking',
    stores: { counts },
    sources: [source(readings, pass)],
    sinks: [sink(passed)],
    onTick: (tick, { stores }) => {
      ticks.push(tick);
      if (ticks.length === 2) stores.counts.put('k', { count: 1 });
      return ticks.length === 3 ? [emitAggregate(passed, 'tick', { id: 99 })] : [];
    },
  });
  const driver = drive(topology);
  await driver.pipe(readings, aReading(1));
  await driver.advance(4_000);

  expect(ticks.map(({ nowMs }) => nowMs)).toEqual([1, 2, 3, 4].map((second) => ticks[0]!.nowMs + (second - 1) * 1_000));
  expect(ticks.every(({ caughtUp }) => caughtUp)).toBe(true);
  expect(ticks[0]?.restoredAtMs).toBeLessThan(ticks[0]!.nowMs);
  expect(driver.ledger().slice(1)).toMatchObject([
    { subStage: 'tick', topic: '', consumed: 0, outputs: { passed: 1 }, firstOffset: ticks[2]?.nowMs },
  ]);
  await driver.restart();
  await driver.advance(2_000);
  expect(ticks.at(-1)!.restoredAtMs).toBeGreaterThan(ticks[0]!.restoredAtMs);
});

test('a tick that fails ends the stage: nothing tells which record is the reason', async () => {
  const topology = defineTopology({
    name: 'ticking',
    sources: [source(readings, pass)],
    sinks: [],
    onTick: () => {
      throw new RangeError('a bug');
    },
  });
  const driver = drive(topology);
  await driver.pipe(readings);

  await expect(driver.advance(2_000)).rejects.toThrow('a bug');
});

test('a tick whose state cannot be written ends the stage', async () => {
  const topology = defineTopology({
    name: 'ticking',
    stores: { counts },
    sources: [source(readings, pass)],
    sinks: [],
    onTick: (_, { stores }) => {
      stores.counts.put('k', { count: 'many' as unknown as number });
      return [];
    },
  });
  const driver = drive(topology);
  await driver.pipe(readings);

  await expect(driver.advance(2_000)).rejects.toThrow();
});

test('a task without records commits its position past markers once, without a ledger row, and then rests', async () => {
  const driver = drive(passing);
  await driver.pipe(readings, aReading(1));
  const producer = await driver.broker.connect().openTransactionalProducer({ transactionalId: 'other', transactionTimeoutMs: 10_000 });
  await producer.fence();
  await producer.begin();
  await producer.send([{ topic: 'readings', partition: 0, key: null, value: Buffer.from('x'), headers: [], timestamp: null }]);
  await producer.abort();
  const before = driver.ledger().length;
  await driver.advance(2_000);
  expect(driver.health().partitions[0]).toMatchObject({ position: 3, committed: 3, end: 3, lagRecords: 0, lagSeconds: 0 });
  expect(driver.health().drained).toBe(true);
  const rested = driver.broker.log({ topic: 'lineage.batch.progressed.v1', partition: 0 }).highWatermark;
  await driver.advance(5_000);

  expect(driver.ledger()).toHaveLength(before);
  expect(driver.broker.log({ topic: 'lineage.batch.progressed.v1', partition: 0 }).highWatermark).toBe(rested);
});

test('a table is read whole before the first record, kept up to date, and its position stands in the ledger', async () => {
  const parameters = aTopic<Count>('parameters', countSchema, { cleanup: 'compact' });
  const topology = defineTopology({
    name: 'tabled',
    tables: { parameters: { topic: parameters } },
    sources: [
      source<Reading, { parameters: ReadonlyMap<string, unknown> }>(readings, (_, { stores }) =>
        processed([emit(passed, 'k', { id: (stores.parameters.get('limit') as Count | undefined)?.count ?? -1 })]),
      ),
    ],
    sinks: [sink(passed)],
  });
  const driver = drive(topology);
  await driver.pipe(parameters, { key: 'limit', value: { count: 5 } });
  await driver.pipe(readings, aReading(1));
  await driver.pipe(parameters, { key: 'limit', value: { count: 6 } });
  await driver.pipe(readings, aReading(2));
  await driver.restart();
  await driver.pipe(readings, aReading(3));
  await driver.pipe(parameters, { key: 'limit', value: null });
  await driver.pipe(readings, aReading(4));

  expect(idsOf(driver)).toEqual([5, 6, 6, -1]);
  expect(driver.ledger().map((row) => row.tablePositions)).toEqual([1, 2, 2, 3].map((position) => ({ 'parameters-0': position })));
});

test('what was decided by a table is committed with its position, before the next is decided by a newer one', async () => {
  const parameters = aTopic<Count>('parameters', countSchema, { cleanup: 'compact' });
  const topology = defineTopology({
    name: 'tabled',
    tables: { parameters: { topic: parameters } },
    sources: [
      source<Reading, { parameters: ReadonlyMap<string, unknown> }>(readings, (_, { stores }) =>
        processed([emit(passed, 'k', { id: (stores.parameters.get('limit') as Count | undefined)?.count ?? -1 })]),
      ),
    ],
    sinks: [sink(passed)],
  });
  // Nothing but the change itself makes a commit due.
  const driver = drive(topology, { settings: { commitIntervalMs: 60_000 } });
  await driver.pipe(readings, aReading(1));
  await driver.pipe(parameters, { key: 'limit', value: { count: 6 } });
  await driver.pipe(readings, aReading(2));
  await driver.advance(120_000);

  expect(idsOf(driver)).toEqual([-1, 6]);
  expect(driver.ledger().map(({ firstOffset, consumed, tablePositions }) => [firstOffset, consumed, tablePositions])).toEqual([
    [0, 1, { 'parameters-0': 0 }],
    [1, 1, { 'parameters-0': 1 }],
  ]);
});

test('a table waits for the registry without losing a record', async () => {
  const parameters = aTopic<Count>('parameters', countSchema, { cleanup: 'compact' });
  const topology = defineTopology({
    name: 'tabled',
    tables: { parameters: { topic: parameters } },
    sources: [source(readings, pass)],
    sinks: [sink(passed)],
  });
  const driver = drive(topology);
  await driver.pipe(readings, aReading(1));
  driver.registry.setAway(true);
  await expect(driver.pipe(parameters, { key: 'limit', value: Buffer.of(0, 0, 0, 0, 60, 2) })).rejects.toMatchObject({
    code: 'REGISTRY_AWAY',
  });
  driver.registry.setAway(false);

  await expect(driver.advance(1_000)).rejects.toMatchObject({ code: 'UNKNOWN_SCHEMA_ID' });
});

test('a committed position that the broker no longer holds stops the stage instead of skipping', async () => {
  const driver = drive(passing);
  await driver.pipe(readings, aReading(1));
  await driver.pipe(readings, aReading(2));
  const log = driver.broker.log({ topic: 'readings', partition: 0 });
  const producer = await driver.broker.connect().openIdempotentProducer();
  await producer.send(
    Array.from({ length: 5 }, () => ({ topic: 'readings', partition: 0, key: null, value: null, headers: [], timestamp: null })),
  );
  log.deleteBefore(5);

  await expect(driver.restart()).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
});

test('a topic that was created anew under its old name stops the stage', async () => {
  const driver = drive(passing);
  await driver.pipe(readings, aReading(1));
  driver.broker.deleteTopic('readings');
  driver.broker.createTopic('readings', 1);
  const producer = await driver.broker.connect().openIdempotentProducer();
  await producer.send([{ topic: 'readings', partition: 0, key: null, value: null, headers: [], timestamp: null }]);

  await expect(driver.restart()).rejects.toMatchObject({ code: 'TOPIC_RECREATED' });
});

test('state without a committed position is refused: everything would be counted again', async () => {
  const topology = defineTopology({
    name: 'counting',
    stores: { counts },
    sources: [source<Reading, Stores>(readings, (_, { stores }) => (stores.counts.edit('k', () => ({ count: 0 })).count++, processed()))],
    sinks: [],
  });
  const driver = drive(topology);
  const producer = await driver.broker.connect().openIdempotentProducer();
  await producer.send([
    { topic: 'counting.counts.changelog', partition: 0, key: Buffer.from('k'), value: null, headers: [], timestamp: null },
  ]);

  await expect(driver.pipe(readings, aReading(1))).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
});

test('waiting records beyond the limit pause their partition, until half of them are handled', async () => {
  const driver = drive(passing, { settings: { maxQueuedRecords: 300, commitRecords: 100 } });
  await driver.pipe(readings, ...Array.from({ length: 2_000 }, (_, id) => aReading(id)));

  expect(idsOf(driver)).toEqual(Array.from({ length: 2_000 }, (_, id) => id));
  const pauses = driver.events.filter((event) => event.type === 'backpressure');
  expect(pauses.filter(({ paused }) => paused).length).toBeGreaterThan(1);
  expect(pauses.at(-1)).toMatchObject({ paused: false, topic: 'readings', partition: 0 });
});

test('a member that was expelled without knowing goes on once it is a member again, and keeps its state where it may', async () => {
  const topology = defineTopology({
    name: 'counting',
    stores: { counts },
    sources: [
      source<Reading, Stores>(readings, (_, { stores }) =>
        processed([emit(passed, 'k', { id: ++stores.counts.edit('k', () => ({ count: 0 })).count })]),
      ),
    ],
    sinks: [sink(passed)],
  });
  const driver = drive(topology);
  await driver.pipe(readings, aReading(1));
  driver.broker.expel('counting', driver.broker.members('counting'));
  const other = await driver.broker.connect().openTransactionalProducer({ transactionalId: 'counting.0', transactionTimeoutMs: 10_000 });
  await other.fence();
  await driver.pipe(readings, aReading(2), aReading(3));

  expect(idsOf(driver)).toEqual([1, 2, 3]);
  expect(driver.events.map(({ type }) => type)).toEqual(expect.arrayContaining(['membership-lost', 'task-kept']));
  expect(driver.events.filter(({ type }) => type === 'task-restored')).toHaveLength(1);
});

test('a stage shares its tasks with another of the same group, each record handled once', async () => {
  const clock = createVirtualClock(0);
  const broker = createMemoryBroker({ clock: { now: () => clock.now() } });
  const registry = createMemoryRegistry();
  for (const name of ['readings', 'passed', 'readings.passing.retry', 'readings.passing.dlq', 'lineage.batch.progressed.v1'])
    broker.createTopic(name, 4);
  const id = registry.register(readingSchema);
  const open = async () => {
    const machine = createStageMachine(passing, { client: broker.connect(), registry, clock, settings: { commitIntervalMs: 0 } });
    await machine.open();
    return machine;
  };
  const producer = await broker.connect().openIdempotentProducer();
  const send = (from: number) =>
    producer.send(
      Array.from({ length: 40 }, (_, index) => ({
        topic: 'readings',
        partition: index % 4,
        key: null,
        value: Buffer.of(0, 0, 0, 0, id, (from + index) * 2),
        headers: [],
        timestamp: null,
      })),
    );
  const turn = async (...machines: Awaited<ReturnType<typeof open>>[]) => {
    for (let round = 0; round < 10; round++) {
      for (const machine of machines) {
        await machine.step(0);
        await machine.settled();
      }
      clock.advance(1_000);
    }
  };
  const first = await open();
  await send(0);
  await turn(first);
  expect(first.health()).toMatchObject({ assigned: [0, 1, 2, 3], openTasks: 4, drained: true });
  const second = await open();
  await send(0);
  await turn(first, second);
  expect(first.health().openTasks + second.health().openTasks).toBe(4);
  await first.close();
  await send(0);
  await turn(second);

  expect(second.health()).toMatchObject({ assigned: [0, 1, 2, 3], drained: true });
  const written = [0, 1, 2, 3].flatMap((partition) => broker.log({ topic: 'passed', partition }).read(0, 1_000).records);
  expect(written).toHaveLength(120);
});

test('a stage refuses to start over missing topics and unequal partition counts, and names them', async () => {
  const clock = createVirtualClock(0);
  const broker = createMemoryBroker({ clock });
  const registry = createMemoryRegistry();
  broker.createTopic('readings', 2);
  await expect(planTopology(passing, broker.connect(), registry)).rejects.toMatchObject({
    code: 'TOPIC_MISSING',
    message: expect.stringContaining('readings.passing.retry'),
  });
  for (const name of ['passed', 'readings.passing.retry', 'readings.passing.dlq', 'lineage.batch.progressed.v1'])
    broker.createTopic(name, 3);
  await expect(planTopology(passing, broker.connect(), registry)).rejects.toMatchObject({
    code: 'PARTITION_MISMATCH',
    message: expect.stringContaining('readings: 2'),
  });
  await expect(createStageMachine(passing, { client: broker.connect(), registry, clock }).step(0)).rejects.toThrow(/not open/);
  const strict = createMemoryRegistry({ strict: true });
  broker.deleteTopic('readings');
  broker.createTopic('readings', 3);
  await expect(planTopology(passing, broker.connect(), strict)).rejects.toMatchObject({ code: 'SCHEMA_NOT_REGISTERED' });
});

test('an error that nobody expected ends the stage uncommitted', async () => {
  const driver = drive(passing, { faults: (operation) => (operation === 'send:before' ? new SyntaxError('odd') : null) });

  await expect(driver.pipe(readings, aReading(1))).rejects.toThrow('odd');
  expect(idsOf(driver)).toEqual([]);
});

test('failed tables leave nothing open, and a second attempt succeeds', async () => {
  const parameters = aTopic<Count>('parameters', countSchema);
  const topology = defineTopology({
    name: 'tabled',
    tables: { parameters: { topic: parameters } },
    sources: [source(readings, pass)],
    sinks: [sink(passed)],
  });
  let failures = 0;
  const driver = drive(topology, { faults: (operation) => (operation === 'startOffsets' && ++failures === 1 ? 'fail' : null) });
  await driver.pipe(readings, aReading(1));

  expect(idsOf(driver)).toEqual([1]);
  expect(new VigilError('TIMED_OUT').kind).toBe('transient');
});

test('what was deleted stays deleted after a restart, whatever its key', async () => {
  const topology = defineTopology({
    name: 'counting',
    stores: { counts },
    sources: [
      source<Reading, Stores>(readings, ({ value, key }, { stores }) => {
        const name = key ?? '';
        if (value.id === 0) stores.counts.delete(name);
        else stores.counts.edit(name, () => ({ count: 0 })).count += value.id;
        return processed([emit(passed, 'k', { id: stores.counts.get(name)?.count ?? -1 })]);
      }),
    ],
    sinks: [sink(passed)],
  });
  const driver = drive(topology);
  await driver.pipe(readings, { key: 'a', value: { id: 4 } }, { key: null, value: { id: 5 } });
  await driver.pipe(readings, { key: 'a', value: { id: 0 } });
  await driver.restart();
  await driver.pipe(readings, { key: 'a', value: { id: 1 } }, { key: null, value: { id: 1 } });

  expect(idsOf(driver)).toEqual([4, 5, -1, 1, 6]);
});

test('lag is told in records and in seconds since the ingestion of what waits', async () => {
  const driver = drive(passing);
  await driver.pipe(readings, aReading(1));
  driver.registry.setAway(true);
  await driver.pipe(readings, { key: 'k', value: Buffer.of(0, 0, 0, 0, 90, 2) }, { key: 'k', value: Buffer.of(0, 0, 0, 0, 90, 2) });
  await driver.advance(30_000);

  expect(driver.health().partitions[0]).toMatchObject({ position: 1, committed: 1, end: 3, lagRecords: 2, lagSeconds: 30 });
  expect(driver.health().lagSeconds).toBe(30);
});

test('a task whose partition went elsewhere is closed, its uncommitted work dropped', async () => {
  const driver = drive(passing, { partitions: 2, settings: { commitIntervalMs: 1_000 } });
  await driver.pipe(readings, { key: 'k', value: { id: 1 }, partition: 0 }, { key: 'k', value: { id: 2 }, partition: 1 });
  const other = await driver.broker.connect().join({
    group: 'passing',
    topics: ['readings'],
    sessionTimeoutMs: 1_000,
    listener: { onAssigned: () => undefined, onLost: () => undefined, onFatal: () => undefined },
  });
  await driver.advance(5_000);
  expect(driver.health()).toMatchObject({ openTasks: 1 });
  expect(driver.events.filter((event) => event.type === 'task-closed')).toMatchObject([{ reason: 'unassigned' }]);
  await other.leave();
  await driver.advance(5_000);

  expect(new Set(idsOf(driver))).toEqual(new Set([1, 2]));
  expect(idsOf(driver)).toHaveLength(2);
});
