import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { emit, processed } from '@vigil/core';
import { drive } from '@vigil/testing';
import { countSchema, passed, readings, type Count, type Reading } from '../../test-support/plain-topics.ts';
import { createValueEncoder } from '../codec/value-encoder.ts';
import { createMemoryBroker } from '../memory/memory-broker.ts';
import { createMemoryRegistry } from '../registry/memory-registry.ts';
import { keyedStore } from '../topology/keyed-store.ts';
import type { KeyedView } from '../topology/state-store.ts';
import { defineTopology, sink, source, type Handler } from '../topology/topology.ts';
import { createVirtualClock } from './engine-clock.ts';
import type { EngineEvent } from './engine-observer.ts';
import { createStageMachine } from './stage-machine.ts';

interface Stores {
  readonly counts: KeyedView<Count>;
}
const count: Handler<Reading, Stores> = ({ key, value }, { stores }) => {
  stores.counts.edit('all', () => ({ count: 0 })).count++;
  return processed([emit(passed, key ?? '', value)]);
};
const counting = defineTopology({
  name: 'counting',
  stores: { counts: keyedStore<Count>({ schema: countSchema, clone: (value) => ({ ...value }) }) },
  sources: [source(readings, count)],
  sinks: [sink(passed)],
});
const changelog = 'counting.counts.changelog';
const place = { topic: readings.name, partition: 0 };

// Found by the simulation.
test('a task whose start is overtaken by another owner’s first commit starts again instead of ending its stage', async () => {
  const clock = createVirtualClock(0);
  const broker = createMemoryBroker({ clock: { now: () => clock.now() } });
  const registry = createMemoryRegistry();
  const names = ['readings', 'passed', 'readings.counting.retry', 'readings.counting.dlq', changelog, topics.batchProgressed.name];
  for (const name of names) broker.createTopic(name, 1);
  const encode = createValueEncoder(countSchema, registry.register(countSchema));
  const events: EngineEvent[] = [];
  let lookups = 0;
  const overtake = async (operation: string): Promise<void> => {
    // The third look is that of the restore: the position was read, there was none.
    if (operation !== 'startOffsets' || ++lookups !== 3) return;
    const other = await broker.connect().openTransactionalProducer({ transactionalId: 'counting.0', transactionTimeoutMs: 1_000 });
    await other.fence();
    await other.begin();
    const change = { key: Buffer.from('all'), value: encode({ count: 7 }), headers: [], timestamp: null };
    await other.send([{ topic: changelog, partition: 0, ...change }]);
    const position = { offset: 0, metadata: '{"commit":1}' };
    await other.sendPositions('counting', [
      { ...place, ...position },
      { topic: 'readings.counting.retry', partition: 0, ...position },
    ]);
    await other.commit();
  };
  const machine = createStageMachine(counting, {
    client: broker.connect({ hook: overtake }),
    registry,
    clock,
    observer: { on: (event) => void events.push(event) },
  });
  await machine.open();
  for (let round = 0; round < 5; round++) {
    await machine.step(0);
    await machine.settled();
    clock.advance(1_000);
  }

  expect(events.filter(({ type }) => type === 'task-restored')).toMatchObject([{ records: 1 }]);
  expect(machine.health()).toMatchObject({ openTasks: 1, drained: true });
  await machine.close();
});

test('state without any position is a loss, and ends the stage', async () => {
  const driver = drive(counting);
  const encode = createValueEncoder(countSchema, driver.registry.register(countSchema));
  const producer = await driver.broker.connect().openIdempotentProducer();
  await producer.send([
    { topic: changelog, partition: 0, key: Buffer.from('all'), value: encode({ count: 7 }), headers: [], timestamp: null },
  ]);

  await expect(driver.pipe(readings)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
});

// Found by the simulation.
test('what is deleted unread before the first record was handled is missed, not skipped', async () => {
  const driver = drive(counting);
  await driver.pipe(readings);
  const { admin } = driver.broker.connect();
  expect(await admin.committed('counting', [readings.name])).toMatchObject([{ offset: 0 }]);

  const producer = await driver.broker.connect().openIdempotentProducer();
  const record = { ...place, key: null, value: Buffer.of(0, 0, 0, 0, 1, 2), headers: [], timestamp: null };
  await producer.send([record, record]);
  driver.broker.log(place).deleteBefore(1);

  await expect(driver.restart()).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
});
