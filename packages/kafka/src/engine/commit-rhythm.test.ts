import { expect, test } from '@jest/globals';
import { emit, processed } from '@vigil/core';
import { countSchema, passed, readings, readingSchema, type Count, type Reading } from '../../test-support/plain-topics.ts';
import { createMemoryBroker } from '../memory/memory-broker.ts';
import { createMemoryRegistry } from '../registry/memory-registry.ts';
import { keyedStore } from '../topology/keyed-store.ts';
import type { KeyedView } from '../topology/state-store.ts';
import { defineTopology, sink, source, type Topology } from '../topology/topology.ts';
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
/** Writes nothing but a row of state for each record. */
const remembering = defineTopology({
  name: 'remembering',
  sources: [
    source<Reading, { readonly counts: KeyedView<Count> }>(readings, ({ offset }, { stores }) => {
      stores.counts.put(String(offset), { count: 1 });
      return processed();
    }),
  ],
  sinks: [],
  stores: { counts },
});

interface Circumstances {
  readonly topology?: Topology;
  readonly ageMs: number;
  readonly fetches: number;
  readonly settings?: Partial<EngineSettings>;
}

/** Eight records of that age, four in a fetch, and how many are consumed by the commits after each step of 100 ms. */
async function commitsOf({ ageMs, fetches, settings, topology = passing }: Circumstances): Promise<number[]> {
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
  for (let interval = 0; interval < 5; interval++) {
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

test('a task that is behind commits after five intervals, until nothing waits any more', async () => {
  expect(await commitsOf({ ageMs: 2_000, fetches: 1 })).toEqual([0, 0, 0, 0, 4]);
  expect(await commitsOf({ ageMs: 2_000, fetches: 2 })).toEqual([8, 8, 8, 8, 8]);
});

test('a task that is behind commits at once what is as much as one transaction may consume or write', async () => {
  expect(await commitsOf({ ageMs: 2_000, fetches: 1, settings: { commitRecords: 3 } })).toEqual([3, 3, 3, 3, 4]);
  // The clock stands still while the steps are taken: what is handled behind the commit waits for its own time.
  expect(await commitsOf({ ageMs: 2_000, fetches: 1, settings: { commitOutputs: 3 } })).toEqual([3, 3, 3, 3, 4]);
  expect(await commitsOf({ ageMs: 2_000, fetches: 1, settings: { commitOutputs: 3 }, topology: remembering })).toEqual([3, 3, 3, 3, 4]);
});
