/**
 * `node scripts/ingest-hot-path.ts [--records N] [--patients N] [--partitions N] [--profile DIR]`
 *
 * CPU time of device-ingest without a broker: device messages as a broker would answer them, through the lean decoder, the
 * engine and the real topology; what a commit would write is encoded and dropped. The counterpart of `hot-path.ts`.
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { parseArgs } from 'node:util';
import { topics } from '@vigil/contracts';
import { createMemoryBroker, createMemoryRegistry, createStageMachine, partitionOf, topicsOfTopology } from '@vigil/kafka';
import type { FetchedBatch, Fetcher, KafkaClient, ProducedRecord, TransactionalProducer } from '@vigil/kafka';
import { deviceMessages } from '../load-tests/ingest/device-messages.ts';
import { decodeBatches } from '../packages/kafka/src/kafkajs/decode-batches.ts';
import { encodeBatch } from '../packages/kafka/src/kafkajs/encode-batch.ts';
import { planRounds } from '../packages/kafka/src/kafkajs/produce.ts';
import { createTopology } from '../services/device-ingest/src/topology.ts';

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '500000' },
    patients: { type: 'string', default: '2000' },
    partitions: { type: 'string', default: '4' },
    profile: { type: 'string' },
  },
});
const [records, patients, partitions] = [values.records, values.patients, values.partitions].map(Number) as [number, number, number];
const perBatch = 2_500;
const input = topics.vitalsReadingReceived.name;
const nobody = { producerId: -1, producerEpoch: -1, firstSequence: -1, transactional: false };
const key = { id: 'k1', secret: Buffer.alloc(32, 7) };

const topology = createTopology({
  tokenKey: key,
  dataKey: key,
  random: randomBytes,
  historicAfterMs: 900_000,
  partitionOfDevice: (deviceId) => partitionOf(Buffer.from(deviceId, 'utf8'), partitions),
  observer: { excluded: () => undefined, flagged: () => undefined, misplaced: () => undefined },
});
const broker = createMemoryBroker({ clock: { now: () => Date.now() } });
for (const name of topicsOfTopology(topology)) broker.createTopic(name, partitions);

/** Record sets as a broker would answer, per partition, with the base offset set. */
const logs = Array.from({ length: partitions }, (): { readonly bytes: Buffer; readonly from: number; readonly to: number }[] => []);
let valueBytes = 0;
{
  const waiting = Array.from({ length: partitions }, (): ProducedRecord[] => []);
  const flush = (partition: number): void => {
    const batch = waiting[partition] as ProducedRecord[];
    const log = logs[partition] as (typeof logs)[number];
    const from = log.at(-1)?.to ?? 0;
    const bytes = encodeBatch(batch, nobody, Date.now());
    bytes.writeBigInt64BE(BigInt(from), 0);
    log.push({ bytes, from, to: from + batch.length });
    waiting[partition] = [];
  };
  for (const record of deviceMessages({ records, patients, partitions })) {
    valueBytes += record.value?.length ?? 0;
    const batch = waiting[record.partition] as ProducedRecord[];
    if (batch.push(record) === perBatch) flush(record.partition);
  }
  for (let partition = 0; partition < partitions; partition++) if (waiting[partition]?.length) flush(partition);
}

const written: Record<string, number> = {};
const memory = broker.connect();
const openFetcher = async (): Promise<Fetcher> => {
  const inner = await memory.openFetcher();
  const next = new Map<number, number>();
  const paused = new Set<number>();
  return {
    ...inner,
    assign(place, offset) {
      if (place.topic === input) next.set(place.partition, 0);
      else inner.assign(place, offset);
    },
    pause: (place) => void (place.topic === input ? paused.add(place.partition) : inner.pause(place)),
    resume: (place) => void (place.topic === input ? paused.delete(place.partition) : inner.resume(place)),
    async poll() {
      const batches: FetchedBatch[] = [];
      for (const [partition, index] of next) {
        const log = logs[partition] as (typeof logs)[number];
        const part = log[index];
        if (!part || paused.has(partition)) continue;
        next.set(partition, index + 1);
        // A fresh copy each time, as from a socket.
        const decoded = await decodeBatches(Buffer.from(part.bytes), part.from, []);
        const end = log.at(-1)?.to ?? 0;
        const place = { topic: input, partition, position: part.from, lastStableOffset: end, highWatermark: end };
        batches.push({ ...place, records: decoded.records, nextOffset: decoded.nextOffset, bytes: decoded.bytes });
      }
      return batches;
    },
  };
};
const openProducer = async (options: { transactionalId: string; transactionTimeoutMs: number }): Promise<TransactionalProducer> => ({
  ...(await memory.openTransactionalProducer(options)),
  begin: async () => undefined,
  async send(produced) {
    for (const round of planRounds(produced)) {
      for (const batch of round) {
        encodeBatch(batch.records, nobody, Date.now());
        written[batch.topic] = (written[batch.topic] ?? 0) + batch.records.length;
      }
    }
  },
  sendPositions: async () => undefined,
  commit: async () => undefined,
});
const client: KafkaClient = { ...memory, openFetcher, openTransactionalProducer: openProducer };

let consumed = 0;
const machine = createStageMachine(topology, {
  client,
  registry: createMemoryRegistry(),
  settings: { serviceVersion: 'hot-path' },
  observer: { on: (event) => void (event.type === 'committed' && (consumed += event.consumed)) },
});
await machine.open();
await machine.settled();
const inspector = values.profile === undefined ? null : new Session();
if (inspector) {
  inspector.connect();
  await inspector.post('Profiler.enable');
  await inspector.post('Profiler.setSamplingInterval', { interval: 200 });
  await inspector.post('Profiler.start');
}
const cpu = process.cpuUsage();
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1e6;
};
let warm = { records: 0, cpu: 0 };
while (consumed < records) {
  await machine.step(0);
  await machine.settled();
  await new Promise((resolve) => setImmediate(resolve));
  if (warm.records === 0 && consumed >= records / 4) warm = { records: consumed, cpu: cpuSeconds() };
}
const total = cpuSeconds();
if (inspector) writeFileSync(`${values.profile}/ingest.cpuprofile`, JSON.stringify((await inspector.post('Profiler.stop')).profile));
console.log(
  JSON.stringify({
    records,
    patients,
    valueBytes: Math.round(valueBytes / records),
    cpuPerMillion: Number(((total / records) * 1e6).toFixed(2)),
    cpuPerMillionWarm: Number((((total - warm.cpu) / (records - warm.records)) * 1e6).toFixed(2)),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    written,
  }),
);
await machine.close();
