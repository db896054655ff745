import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { processed, systemClock } from '@vigil/core';
import { createMemoryBroker, createMemoryRegistry, defineTopology, runTopology, source } from '@vigil/kafka';
import { drive } from './topology-driver.ts';

const idle = defineTopology({ name: 'idle', sources: [source(topics.incidentChanged, () => processed())], sinks: [] });
const incident = {
  incidentId: 'i1',
  alertId: 'a1',
  change: 'opened',
  severity: 'warning',
  channel: '',
  step: 0,
  changedAt: 0,
};

test('a commit tells the traces of its records, each once and no more than a hundred', async () => {
  const driver = drive(idle);
  const trace = (index: number): string => `00-${String(index).padStart(32, '1')}-00f067aa0ba902b7-01`;
  const records = Array.from({ length: 120 }, (_, index) => ({ key: 'i1', value: incident, headers: { traceparent: trace(index) } }));

  await driver.pipe(topics.incidentChanged, { key: 'i1', value: incident }, { ...records[0]! }, { ...records[0]! });
  await driver.pipe(topics.incidentChanged, ...records);

  const linked = driver.events.flatMap((event) => (event.type === 'committed' ? [event.traceparents ?? []] : []));
  expect(linked.find((traces) => traces.length > 0)).toEqual([trace(0)]);
  expect(linked.at(-1)).toHaveLength(100);
});

test('a running stage tells when its loop last turned', async () => {
  const broker = createMemoryBroker({ clock: systemClock });
  for (const name of [
    topics.incidentChanged.name,
    `${topics.incidentChanged.name}.idle.retry`,
    `${topics.incidentChanged.name}.idle.dlq`,
  ]) {
    broker.createTopic(name, 1);
  }
  broker.createTopic(topics.batchProgressed.name, 1);
  const stage = await runTopology(idle, { client: broker.connect(), registry: createMemoryRegistry(), settings: { pollMs: 1 } });

  expect(stage.health().idleMs).toBeLessThan(60_000);
  expect(await stage.drain({ withinMs: 5000 })).toBe(true);
});
