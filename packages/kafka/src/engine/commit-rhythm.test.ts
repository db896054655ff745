import { expect, test } from '@jest/globals';
import { emit, emitAggregate, processed } from '@vigil/core';
import { countSchema, passed, readings, readingSchema, type Count, type Reading } from '../../test-support/plain-topics.ts';
import { createMemoryBroker } from '../memory/memory-broker.ts';
import { createMemoryRegistry } from '../registry/memory-registry.ts';
import { keyedStore } from '../topology/keyed-store.ts';
import { packedStore } from '../topology/packed-store.ts';
import type { KeyedView, StoreSpec } from '../topology/state-store.ts';
import { defineTopology, sink, source, withQuickWay, type QuickWay, type Source, type Topology } from '../topology/topology.ts';
import { createVirtualClock } from './engine-clock.ts';
import type { EngineSettings } from './engine-settings.ts';
import { createStageMachine } from './stage-machine.ts';
import { topicsOfTopology } from './topology-plan.ts';

const startMs = 1_000_000;
const passing = defineTopology({
  name: 'passing',
  sources: [source<Reading, unknown>(readings, ({ key, value }) => processed([emit(passed, key ?? '', value)]))],
  sinks: [sink(passed)],
});

const counts = keyedStore<Count>({ schema: countSchema, clone: (value) => ({ ...value }) });
type Remember = (counts: KeyedView<Count>, key: string) => void;
const putting: Remember = (counts, key) => counts.put(key, { count: 1 });
const editing: Remember = (counts, key) => void counts.edit(key, () => ({ count: 0 })).count++;

/** Writes nothing but a row of state for each record. */
const remembering = (counts: StoreSpec<KeyedView<Count>>, remember: Remember = putting): Topology =>
  defineTopology({
    name: 'remembering',
    sources: [
      source<Reading, { readonly counts: KeyedView<Count> }>(readings, ({ offset }, { stores }) => {
        remember(stores.counts, String(offset));
        return processed();
      }),
    ],
    sinks: [],
    stores: { counts },
  });
const packed = packedStore<Count>(countSchema);

interface Circumstances {
  readonly topology?: Topology;
  readonly ageMs: number;
  readonly fetches: number;
  readonly settings?: Partial<EngineSettings>;
  /** Steps of 100 ms. */
  readonly intervals?: number;
}

/** Eight records of that age, four in a fetch, and how many are consumed by the commits after each step of 100 ms. */
async function commitsOf({ ageMs, fetches, settings, topology = passing, intervals = 5 }: Circumstances): Promise<number[]> {
  const clock = createVirtualClock(startMs);
  const broker = createMemoryBroker({ clock: { now: () => clock.now() }, maxRecordsPerBatch: 4 });
  const registry = createMemoryRegistry();
  for (const name of topicsOfTopology(topology)) broker.createTopic(name, 1);
  const value = Buffer.of(0, 0, 0, 0, registry.register(readingSchema), 2);
  const record = { topic: 'readings', partition: 0, key: null, value, headers: [], timestamp: startMs - ageMs };
  await (await broker.connect().openIdempotentProducer()).send(Array.from({ length: 8 }, () => record));
  let consumed = 0;
  const machine = createStageMachine(topology, {
    client: broker.connect(),
    registry,
    clock,
    observer: { on: (event) => void (event.type === 'committed' && (consumed += event.consumed)) },
    settings: { commitIntervalMs: 100, ...settings },
  });
  await machine.open();
  await machine.settled();
  for (let fetch = 0; fetch < fetches; fetch++) {
    await machine.step(0);
    await machine.settled();
  }
  const seen: number[] = [];
  for (let interval = 0; interval < intervals; interval++) {
    clock.advance(100);
    await machine.settled();
    seen.push(consumed);
  }
  await machine.close();
  return seen;
}

test('a task that keeps up commits after one interval, whether or not more waits', async () => {
  expect(await commitsOf({ ageMs: 0, fetches: 1 })).toEqual([4, 4, 4, 4, 4]);
  expect(await commitsOf({ ageMs: 1_999, fetches: 1 })).toEqual([4, 4, 4, 4, 4]);
});

test('a task that keeps up commits after half an interval where many aggregates are due', async () => {
  const summing = defineTopology({
    name: 'summing',
    sources: [source<Reading, unknown>(readings, ({ key, value }) => processed([emitAggregate(passed, key ?? '', value)]))],
    sinks: [sink(passed)],
  });
  const settings = { commitIntervalMs: 200, promptAggregates: 4 };

  expect(await commitsOf({ ageMs: 0, fetches: 1, topology: summing, settings })).toEqual([4, 4, 4, 4, 4]);
  expect(await commitsOf({ ageMs: 0, fetches: 1, topology: summing, settings: { ...settings, promptAggregates: 5 } })).toEqual([
    0, 4, 4, 4, 4,
  ]);
  // What is made of one record each has its interval, and who is behind has more than one.
  expect(await commitsOf({ ageMs: 0, fetches: 1, settings })).toEqual([0, 4, 4, 4, 4]);
  expect(await commitsOf({ ageMs: 2_000, fetches: 1, topology: summing, settings })).toEqual([0, 0, 0, 0, 0]);
});

test('a task that is behind commits after five intervals, until nothing waits any more', async () => {
  expect(await commitsOf({ ageMs: 2_000, fetches: 1 })).toEqual([0, 0, 0, 0, 4]);
  expect(await commitsOf({ ageMs: 2_000, fetches: 2 })).toEqual([8, 8, 8, 8, 8]);
});

test('the further behind, the rarer the commits, up to ten intervals', async () => {
  expect(await commitsOf({ ageMs: 3_200, fetches: 1, intervals: 9 })).toEqual([0, 0, 0, 0, 0, 0, 0, 4, 4]);
  expect(await commitsOf({ ageMs: 600_000, fetches: 1, intervals: 11 })).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4]);
});

test('a task that is behind commits at once what is as much as one transaction may consume or write', async () => {
  expect(await commitsOf({ ageMs: 2_000, fetches: 1, settings: { commitRecords: 3 } })).toEqual([3, 3, 3, 3, 4]);
  // The clock stands still while the steps are taken: what is handled behind the commit waits for its own time.
  expect(await commitsOf({ ageMs: 2_000, fetches: 1, settings: { commitOutputs: 3 } })).toEqual([3, 3, 3, 3, 4]);
});

test.each([
  ['kept as objects', remembering(counts)],
  ['kept packed', remembering(packed)],
  ['kept packed and changed in place', remembering(packed, editing)],
])('rows of state that are %s fill a transaction as outputs do', async (_how, topology) => {
  expect(await commitsOf({ ageMs: 2_000, fetches: 1, settings: { commitOutputs: 3 }, topology })).toEqual([3, 3, 3, 3, 4]);
});

test('a transaction is full by its bytes, too, those of outputs and those of packed rows', async () => {
  // An output of seven bytes: header of five, the id, and a key of one.
  const keyed = defineTopology({
    name: 'keyed',
    sources: [source<Reading, unknown>(readings, ({ value }) => processed([emit(passed, 'k', value)]))],
    sinks: [sink(passed)],
  });
  expect(await commitsOf({ ageMs: 2_000, fetches: 1, settings: { commitBytes: 20 }, topology: keyed })).toEqual([3, 3, 3, 3, 4]);
  expect(await commitsOf({ ageMs: 2_000, fetches: 1, settings: { commitBytes: 3 }, topology: remembering(packed) })).toEqual([
    3, 3, 3, 3, 4,
  ]);
});

test('records of the short way fill a transaction no further than others do', async () => {
  const { sources, ...rest } = remembering(packed);
  const quick: QuickWay<{ readonly counts: KeyedView<Count> }> = {
    fields: { numbers: ['id'], texts: [] },
    handle: ({ offset }, { stores }) => {
      stores.counts.put(String(offset), { count: 1 });
      return true;
    },
  };
  const topology = {
    ...rest,
    sources: sources.map((each) => withQuickWay(each as Source<{ readonly counts: KeyedView<Count> }>, quick)),
  } as Topology;
  expect(await commitsOf({ ageMs: 2_000, fetches: 1, settings: { commitOutputs: 3 }, topology })).toEqual([3, 3, 3, 3, 4]);
});
