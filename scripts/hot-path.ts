/**
 * `node scripts/hot-path.ts [--records N] [--patients N] [--vitals 1..6] [--alerts on|off] [--partitions N] [--profile DIR]`
 *
 * CPU time of vitals-windowing without a broker: real record batches through the lean decoder, the engine and the real
 * topology; what a commit would write is encoded and dropped. No socket, so the figure is the program's own and repeats
 * on a busy machine; `npm run bench` tells what a user gets.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { parseArgs } from 'node:util';
import { createWireEncoder, compileWriter, topics, type ReadingAccepted } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import { loadWorkflowDefinition, monitoringParametersOf } from '@vigil/definitions';
import { createMemoryBroker, createMemoryRegistry, createStageMachine, topicsOfTopology, valueSubjectOf } from '@vigil/kafka';
import type { FetchedBatch, Fetcher, KafkaClient, ProducedRecord, TransactionalProducer } from '@vigil/kafka';
import { decodeBatches } from '../packages/kafka/src/kafkajs/decode-batches.ts';
import { encodeBatch } from '../packages/kafka/src/kafkajs/encode-batch.ts';
import { planRounds } from '../packages/kafka/src/kafkajs/produce.ts';
import { createClinicalRules } from '../services/vitals-windowing/src/clinical-rules.ts';
import { defaultWorkflowsDir, settings } from '../services/vitals-windowing/src/config.ts';
import { createTopology } from '../services/vitals-windowing/src/topology.ts';

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    patients: { type: 'string', default: '2000' },
    vitals: { type: 'string', default: '6' },
    alerts: { type: 'string', default: 'off' },
    partitions: { type: 'string', default: '4' },
    profile: { type: 'string' },
  },
});
const [records, patients, vitals, partitions] = [values.records, values.patients, values.vitals, values.partitions].map(Number) as [
  number,
  number,
  number,
  number,
];
const perBatch = 2_500;
const input = topics.vitalsReadingAccepted;
const nobody = { producerId: -1, producerEpoch: -1, firstSequence: -1, transactional: false };

const definition = loadWorkflowDefinition(`${defaultWorkflowsDir}/definitions/patient_monitoring_workflow.yaml`);
const parsed = settings.parse({
  VIGIL_KAFKA_BROKERS: 'localhost:9092',
  VIGIL_SCHEMA_REGISTRY_URL: 'http://localhost:8080',
  VIGIL_ALERT_RULES: String(values.alerts === 'on'),
});
const topology = createTopology(createClinicalRules(monitoringParametersOf(definition), parsed));
const registry = createMemoryRegistry();
const broker = createMemoryBroker({ clock: { now: () => Date.now() } });
for (const name of topicsOfTopology(topology)) broker.createTopic(name, partitions);
const schemaId = await registry.idOf(valueSubjectOf(input.name), input.schema);
await registry.schemaOf(schemaId);

const tokens = Array.from({ length: patients }, (_, index) => `t1.${hashId('bench', index)}`);
const encode = createWireEncoder();
const writer = compileWriter<ReadingAccepted>(input.schema);
const value = (which: number, level: number): number | null => (which < vitals ? level : null);
const startMs = Date.now() - Math.ceil(records / patients) * 1000;
const recordOf = (count: number): ProducedRecord => {
  const index = count % patients;
  const observedAt = startMs + Math.floor(count / patients) * 1000;
  const wave = (count % 7) / 2;
  const reading: ReadingAccepted = {
    eventId: hashId('bench', count),
    patientToken: tokens[index] as string,
    deviceId: `MON_${index}`,
    deviceClass: 'bedside-monitor',
    deviceModel: 'VM-200',
    observedAt,
    receivedAt: observedAt,
    historic: false,
    heartRate: value(0, 78 + wave),
    respiratoryRate: value(1, 15 + wave / 2),
    oxygenSaturation: value(2, 96 + wave / 2),
    temperatureC: value(3, 36.8),
    systolic: value(4, 118 + wave),
    diastolic: value(5, 78 + wave),
    supplementalOxygen: null,
    consciousness: null,
    birthYear: null,
    excluded: [],
    flags: [],
    deviceStatus: '',
    hospital: 'General Hospital',
    ward: 'ICU',
    room: '1',
  };
  return {
    topic: input.name,
    partition: index % partitions,
    key: Buffer.from(reading.patientToken),
    value: encode(schemaId, writer, reading),
    headers: [],
    timestamp: observedAt,
  };
};

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
  for (let count = 0; count < records; count++) {
    const record = recordOf(count);
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
      if (place.topic === input.name) next.set(place.partition, 0);
      else inner.assign(place, offset);
    },
    pause: (place) => void (place.topic === input.name ? paused.add(place.partition) : inner.pause(place)),
    resume: (place) => void (place.topic === input.name ? paused.delete(place.partition) : inner.resume(place)),
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
        batches.push({
          topic: input.name,
          partition,
          position: part.from,
          records: decoded.records,
          nextOffset: decoded.nextOffset,
          lastStableOffset: end,
          highWatermark: end,
          bytes: decoded.bytes,
        });
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
let commits = 0;
const machine = createStageMachine(topology, {
  client,
  registry,
  settings: { serviceVersion: 'hot-path' },
  observer: {
    on(event) {
      if (event.type !== 'committed') return;
      consumed += event.consumed;
      commits++;
    },
  },
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
const began = performance.now();
const cpu = process.cpuUsage();
let warm = { records: 0, cpu: 0 };
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1e6;
};
while (consumed < records) {
  await machine.step(0);
  await machine.settled();
  await new Promise((resolve) => setImmediate(resolve));
  if (warm.records === 0 && consumed >= records / 4) warm = { records: consumed, cpu: cpuSeconds() };
}
const total = cpuSeconds();
if (inspector) writeFileSync(`${values.profile}/hot-path.cpuprofile`, JSON.stringify((await inspector.post('Profiler.stop')).profile));
const seconds = (performance.now() - began) / 1000;
console.log(
  JSON.stringify({
    records,
    patients,
    valueBytes: Math.round(valueBytes / records),
    commits,
    seconds: Number(seconds.toFixed(2)),
    cpuPerMillion: Number(((total / records) * 1e6).toFixed(2)),
    cpuPerMillionWarm: Number((((total - warm.cpu) / (records - warm.records)) * 1e6).toFixed(2)),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    written,
  }),
);
await machine.close();
