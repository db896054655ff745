import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { createMemoryBroker, createStageMachine, systemStageClock, topicsOfTopology, type StageClock } from '@vigil/kafka';
import type {
  FetchedBatch,
  Fetcher,
  KafkaClient,
  ProducedRecord,
  SchemaRegistry,
  TopicPartition,
  Topology,
  TransactionalProducer,
} from '@vigil/kafka';
import { decodeBatches } from '../packages/kafka/src/kafkajs/decode-batches.ts';
import { countBuffers } from '../packages/runtime/src/lifecycle/count-buffers.ts';
import { encodeBatch } from '../packages/kafka/src/kafkajs/encode-batch.ts';
import { planRounds } from '../packages/kafka/src/kafkajs/produce.ts';

const perBatch = 2_500;
const nobody = { producerId: -1, producerEpoch: -1, firstSequence: -1, transactional: false };

/** A record set as a broker would answer it, with the base offset set. */
interface Part {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}
/** By partition. */
type Logs = readonly (readonly Part[])[];

export interface Drain {
  readonly topology: Topology;
  readonly registry: SchemaRegistry;
  /** Topic that is drained; all other topics are in memory. */
  readonly input: string;
  readonly records: Iterable<ProducedRecord>;
  readonly count: number;
  readonly partitions: number;
  /** Records of small topics that stand in their logs before the stage opens: its tables. */
  readonly tables?: Iterable<ProducedRecord>;
  /** Records of another source that are drained before anything is measured. */
  readonly before?: { readonly input: string; readonly records: Iterable<ProducedRecord>; readonly count: number };
  /** Looks at each record that would be written; costs time of its own. */
  readonly onWritten?: (record: ProducedRecord) => void;
  /** Where the V8 CPU profile of the drain goes; undefined = none is taken. */
  readonly profile: string | undefined;
}

export interface Drained {
  readonly valueBytes: number;
  readonly commits: number;
  readonly seconds: number;
  readonly cpuPerMillion: number;
  /** Without the first quarter. */
  readonly cpuPerMillionWarm: number;
  /** Of the cheapest stretch of at least a tenth of the records: what others do on a busy machine is least in it. */
  readonly cpuPerMillionLeast: number;
  readonly peakMiB: number;
  /** On the JavaScript heap, without the first quarter: does not depend on what else the machine does. */
  readonly allocatedPerRecord: number;
  /** Records written, by topic. */
  readonly written: Readonly<Record<string, number>>;
}

function toLogs(records: Iterable<ProducedRecord>, partitions: number): { readonly logs: Logs; readonly valueBytes: number } {
  const logs = Array.from({ length: partitions }, (): Part[] => []);
  const waiting = Array.from({ length: partitions }, (): ProducedRecord[] => []);
  let valueBytes = 0;
  const flush = (partition: number): void => {
    const batch = waiting[partition] as ProducedRecord[];
    const log = logs[partition] as Part[];
    const from = log.at(-1)?.to ?? 0;
    const bytes = encodeBatch(batch, nobody, Date.now());
    bytes.writeBigInt64BE(BigInt(from), 0);
    log.push({ bytes, from, to: from + batch.length });
    waiting[partition] = [];
  };
  for (const record of records) {
    valueBytes += record.value?.length ?? 0;
    if ((waiting[record.partition] as ProducedRecord[]).push(record) === perBatch) flush(record.partition);
  }
  for (let partition = 0; partition < partitions; partition++) if (waiting[partition]?.length) flush(partition);
  return { logs, valueBytes };
}

/** A topic whose records are served as from a socket, once it is opened. */
interface Served {
  readonly input: string;
  readonly logs: Logs;
  isOpen: boolean;
}

interface Lane {
  readonly served: Served;
  readonly partition: number;
  next: number;
  paused: boolean;
}

function fetcherOf(inner: Fetcher, topics: readonly Served[]): Fetcher {
  const lanes = new Map<string, Lane>();
  const laneOf = ({ topic, partition }: TopicPartition): Lane | undefined => lanes.get(`${topic}-${partition}`);
  return {
    ...inner,
    assign(place, offset) {
      const served = topics.find(({ input }) => input === place.topic);
      if (served) lanes.set(`${place.topic}-${place.partition}`, { served, partition: place.partition, next: 0, paused: false });
      else inner.assign(place, offset);
    },
    pause(place) {
      const lane = laneOf(place);
      if (lane) lane.paused = true;
      else inner.pause(place);
    },
    resume(place) {
      const lane = laneOf(place);
      if (lane) lane.paused = false;
      else inner.resume(place);
    },
    async poll() {
      const batches: FetchedBatch[] = [...(await inner.poll(0))];
      for (const lane of lanes.values()) {
        const { served, partition, paused } = lane;
        const { input, logs } = served;
        const log = logs[partition] as readonly Part[];
        const part = log[lane.next];
        if (!part || paused || !served.isOpen) continue;
        lane.next++;
        // A fresh copy each time, as from a socket.
        const { records, nextOffset, bytes } = await decodeBatches(Buffer.from(part.bytes), part.from, []);
        const end = log.at(-1)?.to ?? 0;
        batches.push({
          topic: input,
          partition,
          position: part.from,
          records,
          nextOffset,
          bytes,
          lastStableOffset: end,
          highWatermark: end,
        });
      }
      return batches;
    },
  };
}

/** Encodes what it is given, and drops it. */
const producerOf = (
  inner: TransactionalProducer,
  written: Record<string, number>,
  onWritten: Drain['onWritten'],
): TransactionalProducer => ({
  ...inner,
  begin: async () => undefined,
  async send(produced) {
    for (const batch of planRounds(produced).flat()) {
      encodeBatch(batch.records, nobody, Date.now());
      written[batch.topic] = (written[batch.topic] ?? 0) + batch.records.length;
      if (onWritten) batch.records.forEach(onWritten);
    }
    return [];
  },
  sendPositions: async () => undefined,
  commit: async () => undefined,
});

/** Goes by CPU time: on a busy machine commits then hold as many records as on a quiet one. */
function cpuClock(): StageClock {
  const startMs = Date.now();
  const now = (): number => {
    const { user, system } = process.cpuUsage();
    return Math.floor(startMs + (user + system) / 1_000);
  };
  return { ...systemStageClock, now };
}

async function startProfile(): Promise<(file: string) => Promise<void>> {
  const inspector = new Session();
  inspector.connect();
  await inspector.post('Profiler.enable');
  await inspector.post('Profiler.setSamplingInterval', { interval: 200 });
  await inspector.post('Profiler.start');
  return async (file) => writeFileSync(file, JSON.stringify((await inspector.post('Profiler.stop')).profile));
}

/**
 * Runs a stage over records without a broker: real record batches through the lean decoder, the engine and the topology;
 * what a commit would write is encoded and dropped. No socket, so the figure is the program's own.
 */
export async function drainWithoutBroker(drain: Drain): Promise<Drained> {
  const { topology, registry, input, records, count, partitions, tables = [], before, onWritten, profile } = drain;
  countBuffers();
  const broker = createMemoryBroker({ clock: { now: () => Date.now() } });
  for (const name of topicsOfTopology(topology)) broker.createTopic(name, partitions);
  await (await broker.connect().openIdempotentProducer()).send([...tables]);
  const { logs, valueBytes } = toLogs(records, partitions);
  const measured: Served = { input, logs, isOpen: before === undefined };
  const served = [measured, ...(before ? [{ input: before.input, logs: toLogs(before.records, partitions).logs, isOpen: true }] : [])];
  const written: Record<string, number> = {};
  const memory = broker.connect();
  const client: KafkaClient = {
    ...memory,
    openFetcher: async () => fetcherOf(await memory.openFetcher(), served),
    openTransactionalProducer: async (options) => producerOf(await memory.openTransactionalProducer(options), written, onWritten),
  };
  let consumed = 0;
  let commits = 0;
  const machine = createStageMachine(topology, {
    client,
    registry,
    clock: cpuClock(),
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
  while (before && consumed < before.count) {
    await machine.step(0);
    await machine.settled();
    await new Promise((resolve) => setImmediate(resolve));
  }
  measured.isOpen = true;
  consumed = 0;
  commits = 0;
  for (const name of Object.keys(written)) delete written[name];
  const stopProfile = profile === undefined ? null : await startProfile();
  const began = performance.now();
  const cpu = process.cpuUsage();
  const cpuSeconds = (): number => {
    const { user, system } = process.cpuUsage(cpu);
    return (user + system) / 1e6;
  };
  const allocated = (): number => getHeapStatistics().total_allocated_bytes;
  let warm = { records: 0, cpu: 0, allocated: 0 };
  let stretch = { records: 0, cpu: 0 };
  let least = Number.POSITIVE_INFINITY;
  while (consumed < count) {
    await machine.step(0);
    await machine.settled();
    await new Promise((resolve) => setImmediate(resolve));
    if (consumed - stretch.records >= count / 10) {
      const now = cpuSeconds();
      least = Math.min(least, (now - stretch.cpu) / (consumed - stretch.records));
      stretch = { records: consumed, cpu: now };
    }
    if (warm.records === 0 && consumed >= count / 4) warm = { records: consumed, cpu: cpuSeconds(), allocated: allocated() };
  }
  const total = cpuSeconds();
  const allocatedWarm = allocated() - warm.allocated;
  const seconds = (performance.now() - began) / 1000;
  await stopProfile?.(join(profile as string, `${topology.name}.cpuprofile`));
  await machine.close();
  const perMillion = (spent: number, of: number): number => Number(((spent / of) * 1e6).toFixed(2));
  return {
    valueBytes: Math.round(valueBytes / count),
    commits,
    seconds: Number(seconds.toFixed(2)),
    cpuPerMillion: perMillion(total, count),
    cpuPerMillionLeast: perMillion(least, 1),
    cpuPerMillionWarm: perMillion(total - warm.cpu, count - warm.records),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    allocatedPerRecord: Math.round(allocatedWarm / (count - warm.records)),
    written,
  };
}
