import { expect, test } from '@jest/globals';
import { emit, processed, VigilError } from '@vigil/core';
import { eventually } from '../contract/contract-world.ts';
import { passed, readings, readingSchema, type Reading } from '../../test-support/plain-topics.ts';
import { createMemoryBroker } from '../memory/memory-broker.ts';
import type { Hook } from '../memory/memory-group.ts';
import { createMemoryRegistry } from '../registry/memory-registry.ts';
import { defineTopology, sink, source, type Handler } from '../topology/topology.ts';
import { systemEngineClock } from './engine-clock.ts';
import type { EngineEvent } from './engine-observer.ts';
import { runTopology } from './run-topology.ts';

const pass: Handler<Reading, unknown> = ({ value }) => processed([emit(passed, 'k', value)]);
const passing = defineTopology({ name: 'passing', sources: [source(readings, pass)], sinks: [sink(passed)] });

function aWorld(topology = passing, hook?: Hook) {
  const broker = createMemoryBroker({ clock: systemEngineClock });
  const registry = createMemoryRegistry();
  for (const name of ['readings', 'passed', 'readings.passing.retry', 'readings.passing.dlq', 'lineage.batch.progressed.v1'])
    broker.createTopic(name, 2);
  const events: EngineEvent[] = [];
  const id = registry.register(readingSchema);
  const send = async (count: number): Promise<void> => {
    const producer = await broker.connect().openIdempotentProducer();
    await producer.send(
      Array.from({ length: count }, (_, index) => ({
        topic: 'readings',
        partition: index % 2,
        key: null,
        value: Buffer.of(0, 0, 0, 0, id, 2),
        headers: [],
        timestamp: null,
      })),
    );
  };
  const settings = { commitIntervalMs: 5, pollMs: 20, retryBaseMs: 2, retryCapMs: 5 };
  const start = () =>
    runTopology(topology, {
      client: broker.connect(hook && { hook }),
      registry,
      observer: { on: (event) => void events.push(event) },
      settings,
    });
  const written = () => [0, 1].flatMap((partition) => broker.log({ topic: 'passed', partition }).read(0, 1_000).records).length;
  return { broker, registry, events, send, start, written };
}

test('a stage runs, tells how far it is, and stops when it is told to', async () => {
  const { send, start, written, events } = aWorld();
  const stage = await start();
  await send(10);
  await eventually(() => written() === 10 && stage.health().drained, 'all is written');
  expect(stage.health()).toMatchObject({ state: 'running', assigned: [0, 1], openTasks: 2, lagSeconds: 0 });
  expect(await stage.drain({ withinMs: 5_000 })).toBe(true);
  await stage.finished;

  expect(stage.health().state).toBe('stopped');
  expect(await stage.drain({ withinMs: 5_000 })).toBe(true);
  expect(events.filter(({ type }) => type === 'task-closed')).toHaveLength(2);
});

test('a machine whose clock is set an hour back while a batch is open delays no commit', async () => {
  const realNow = Date.now;
  const setBack: Handler<Reading, unknown> = (record, context) => {
    Date.now = () => realNow() - 3_600_000;
    return pass(record, context);
  };
  const { send, start, written } = aWorld(defineTopology({ name: 'passing', sources: [source(readings, setBack)], sinks: [sink(passed)] }));
  const stage = await start();
  try {
    await send(4);
    await eventually(() => written() === 4, 'all are written');
    expect(stage.health().idleMs).toBeGreaterThanOrEqual(0);
  } finally {
    Date.now = realNow;
  }
  await stage.drain({ withinMs: 5_000 });
});

test('a drain commits what is handled', async () => {
  const { send, start, written } = aWorld();
  const stage = await start();
  await eventually(() => stage.health().openTasks === 2, 'the tasks are open');
  await send(4);
  await eventually(() => stage.health().partitions.reduce((sum, { position }) => sum + position, 0) === 4, 'all is handled');
  await stage.drain({ withinMs: 5_000 });

  expect(written()).toBe(4);
});

test('a stage that cannot start as configured says so at once', async () => {
  const { broker, start } = aWorld();
  broker.deleteTopic('passed');

  await expect(start()).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
});

test('a broker that is away at the start, and later, is waited for', async () => {
  let away = 3;
  const { send, start, written, events } = aWorld(passing, async (operation) => {
    if (away > 0 && (operation === 'describeTopics' || operation === 'poll')) {
      away--;
      throw new VigilError('KAFKA_AWAY');
    }
  });
  const stage = await start();
  await send(3);
  await eventually(() => written() === 3, 'all is written');
  away = 2;
  await eventually(() => away === 0, 'the broker failed again');
  await eventually(() => stage.health().state === 'running', 'it runs again');

  expect(events.filter((event) => event.type === 'retrying' && event.partition === null).length).toBeGreaterThanOrEqual(4);
  await stage.drain({ withinMs: 5_000 });
});

test('a stage that is drained while it waits for its broker stops at once', async () => {
  let away = false;
  const { start } = aWorld(passing, async (operation) => {
    if (away && operation === 'poll') throw new VigilError('KAFKA_AWAY');
  });
  const stage = await start();
  away = true;
  await eventually(() => stage.health().state === 'waiting', 'it waits');
  expect(await stage.drain({ withinMs: 5_000 })).toBe(true);
  await stage.finished;
});

test('a task that waits shows in the health of its stage', async () => {
  let failing = true;
  const { send, start } = aWorld(passing, async (operation) => {
    if (failing && operation === 'fence:before') throw new VigilError('KAFKA_AWAY');
  });
  const stage = await start();
  await send(1);
  await eventually(() => stage.health().state === 'waiting', 'a task waits');
  failing = false;
  await eventually(() => stage.health().drained, 'all is read');
  await stage.drain({ withinMs: 5_000 });
});

test('what ends a stage for good is told by `finished`, once everything is closed', async () => {
  const { send, start, events, broker } = aWorld(passing, async (operation) => {
    if (operation === 'send:before') throw new RangeError('odd');
  });
  const stage = await start();
  await send(2);
  await expect(stage.finished).rejects.toThrow('odd');

  expect(stage.health().state).toBe('failed');
  expect(events.at(-1)?.type === 'failed' || events.some(({ type }) => type === 'failed')).toBe(true);
  expect(broker.members('passing')).toEqual([]);
  expect(await stage.drain({ withinMs: 10 })).toBe(false);
});

test('a drain that takes too long gives up waiting', async () => {
  const { send, start } = aWorld(passing, (operation) => (operation === 'send:before' ? new Promise(() => undefined) : Promise.resolve()));
  const stage = await start();
  await send(2);
  await eventually(() => stage.health().partitions.some(({ position }) => position > 0), 'something is handled');

  expect(await stage.drain({ withinMs: 30 })).toBe(false);
});
