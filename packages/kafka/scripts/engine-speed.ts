// Drain rate of the engine by itself: `node packages/kafka/scripts/engine-speed.ts BROKERS [records]`.
// A 1:1 stage (decode, emit, ledger, exactly once) over Avro readings of the catalogue, without any domain logic.
import { topics, type ReadingAccepted } from '@vigil/contracts';
import { emit, processed } from '@vigil/core';
import { createKafkaClient } from '../src/kafkajs/create-kafka-client.ts';
import { createMemoryRegistry } from '../src/registry/memory-registry.ts';
import { createValueEncoder } from '../src/codec/value-encoder.ts';
import { runTopology } from '../src/engine/run-topology.ts';
import { keyedStore } from '../src/topology/keyed-store.ts';
import type { KeyedView } from '../src/topology/state-store.ts';
import { defineTopology, sink, source, type Handler } from '../src/topology/topology.ts';

const [brokers = '127.0.0.1:9092', count = '400000'] = process.argv.slice(2);
const records = Number(count);
const partitions = 4;
const run = `speed-${Date.now().toString(36)}`;
const client = createKafkaClient({ brokers: [brokers], clientId: 'engine-speed' });
const registry = createMemoryRegistry();
const input = { ...topics.vitalsReadingAccepted, name: `${run}.in` };
const output = { ...topics.vitalsReadingAccepted, name: `${run}.out` };
interface Count {
  count: number;
}
const counts = { type: 'record', name: 'Count', fields: [{ name: 'count', type: 'long' }] };
type Stores = { readonly counts: KeyedView<Count> };

const forward: Handler<ReadingAccepted, object> = ({ key, value }) => processed([emit(output, key ?? '', value)]);
const fold: Handler<ReadingAccepted, Stores> = ({ key }, { stores }) => {
  stores.counts.edit(key ?? '', () => ({ count: 0 })).count++;
  return processed();
};
const stages = {
  forward: defineTopology({ name: `${run}-forward`, sources: [source(input, forward)], sinks: [sink(output)] }),
  fold: defineTopology({
    name: `${run}-fold`,
    stores: { counts: keyedStore<Count>({ schema: counts, clone: (value) => ({ ...value }) }) },
    sources: [source(input, fold)],
    sinks: [],
  }),
};

const names = [
  input.name,
  output.name,
  ...Object.values(stages).flatMap(({ name }) => [`${input.name}.${name}.retry`, `${input.name}.${name}.dlq`]),
  `${stages.fold.name}.counts.changelog`,
  topics.batchProgressed.name,
];
await client.admin.createTopics(names.map((name) => ({ name, partitions, replicationFactor: 1, config: {} })));
const schemaId = await registry.idOf('in', input.schema);
await registry.schemaOf(schemaId);
const encode = createValueEncoder(input.schema, schemaId);
const defaults = Object.fromEntries(
  (input.schema as { fields: readonly { name: string; default?: unknown }[] }).fields.map(({ name, default: value }) => [
    name,
    value ?? null,
  ]),
) as unknown as ReadingAccepted;
const aReading = (index: number): ReadingAccepted => ({
  ...defaults,
  eventId: `event-${index}`,
  patientToken: `t1.${'patient'.padEnd(16, 'x')}${index % 2_000}`,
  deviceId: `monitor-${index % 2_000}`,
  hospital: 'General',
  ward: 'ICU',
  room: '12',
  heartRate: 80.5,
  oxygenSaturation: 97.5,
  respiratoryRate: 16,
  excluded: [],
  observedAt: 1_700_000_000_000 + index,
  receivedAt: 1_700_000_000_000 + index,
});
const producer = await client.openIdempotentProducer();
const chunk = 20_000;
let began = performance.now();
for (let from = 0; from < records; from += chunk) {
  await producer.send(
    Array.from({ length: Math.min(chunk, records - from) }, (_, index) => {
      const value = aReading(from + index);
      return {
        topic: input.name,
        partition: ((from + index) % 2_000) % partitions,
        key: Buffer.from(value.patientToken),
        value: encode(value),
        headers: [],
        timestamp: null,
      };
    }),
  );
}
console.log(`loaded ${records} of ${encode(aReading(1)).length} bytes in ${((performance.now() - began) / 1000).toFixed(1)} s`);

for (const [name, topology] of Object.entries(stages)) {
  const cpu = process.cpuUsage();
  let done = 0;
  let commits = 0;
  let firstAt = 0;
  const finished = Promise.withResolvers<void>();
  began = performance.now();
  const stage = await runTopology(topology, {
    client,
    registry,
    settings: { serviceVersion: 'speed' },
    observer: {
      on(event) {
        if (event.type === 'task-restored' && firstAt === 0) firstAt = performance.now();
        if (event.type !== 'committed') return;
        commits++;
        done += event.consumed;
        if (done >= records) finished.resolve();
      },
    },
  });
  await finished.promise;
  const seconds = (performance.now() - firstAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  console.log(
    `${name}: ${Math.round(records / seconds)} records/s, ${((cpuSeconds / records) * 1e6).toFixed(2)} CPU s per million, ${commits} commits, ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB`,
  );
  await stage.drain({ withinMs: 10_000 });
}
await client.close();
