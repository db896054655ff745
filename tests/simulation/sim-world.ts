import { dlqTopicOf, retryTopicOf } from '@vigil/contracts';
import {
  createMemoryBroker,
  createMemoryRegistry,
  createValueEncoder,
  headerNames,
  textHeader,
  type MemoryBroker,
  type MemoryRegistry,
  type ProducedRecord,
  type ValueEncoder,
} from '@vigil/kafka';
import { createSeededRandom } from '@vigil/testing';
import type { OpenPlay } from './plays/play.ts';
import type { PlannedRecord, Scenario } from './scenario.ts';
import { startFleet, type FleetOfProcesses } from './world/fleet-of-processes.ts';
import { brokerLink, createNetwork, type Network } from './world/network.ts';
import { watchHalts, haltTopics, type Operator } from './world/operator.ts';
import { createSimClock, type SimClock } from './world/sim-clock.ts';

export type Trace = (atMs: number, process: string, happening: string) => void;

/** One record as it was sent, with where the log took it. */
export interface SentRecord<Value = unknown> {
  readonly planned: PlannedRecord<Value>;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: Buffer;
}

/** What a schedule is played on, and all that is known of what went in. */
export interface SimWorld {
  readonly scenario: Scenario;
  readonly clock: SimClock;
  readonly broker: MemoryBroker;
  readonly registry: MemoryRegistry;
  readonly network: Network;
  readonly fleet: FleetOfProcesses;
  readonly open: OpenPlay;
  /** Null where the limits of quarantine are not met. */
  readonly operator: Operator | null;
  readonly sent: SentRecord[];
  /** Letters put back, by the place of their origin. */
  readonly requeued: Map<string, number>;
  readonly trace: (process: string, happening: string) => void;
}

/** How long a marker may take when the weather is calm. */
const promptMs = 5;

/** Sends what a scenario plans; partitions that a record names are those of its input. */
export function createSender({ broker, registry, scenario, sent }: SimWorld): (planned: PlannedRecord) => Promise<void> {
  const { inputs } = scenario.play;
  const plain = broker.connect().openIdempotentProducer();
  const encoders = inputs.map(({ schema }): ValueEncoder => createValueEncoder(schema, registry.register(schema)));
  return async (planned) => {
    const producer = await plain;
    const { input, partition, key, value: datum } = planned;
    const topic = inputs[input]?.name as string;
    const offset = broker.log({ topic, partition }).highWatermark;
    const value = datum === null ? Buffer.from(`no Avro ${offset}`) : Buffer.from((encoders[input] as ValueEncoder)(datum as object));
    sent.push({ planned, topic, partition, offset, key, value });
    await producer.send([{ topic, partition, key: Buffer.from(key), value, headers: [], timestamp: null }]);
  };
}

/** Where a letter says that its record first stood. */
export const originPlace = ({ headers }: Pick<ProducedRecord, 'headers'>): string =>
  [headerNames.originTopic, headerNames.originPartition, headerNames.originOffset].map((name) => textHeader(headers, name) ?? '').join('/');

/** Puts every letter back that is new since the last time, as `vigil dlq requeue` does. */
export async function requeueLetters({ broker, scenario, requeued }: SimWorld, read: Map<string, number>): Promise<void> {
  const producer = await broker.connect().openIdempotentProducer();
  const { group, sources } = scenario.play;
  for (const { name } of sources) {
    for (let partition = 0; partition < scenario.partitions; partition++) {
      const place = { topic: dlqTopicOf(name, group), partition };
      const { records, nextOffset } = broker.log(place).read(read.get(`${name}/${partition}`) ?? 0, Number.POSITIVE_INFINITY);
      read.set(`${name}/${partition}`, nextOffset);
      for (const record of records) {
        const { key, value } = record;
        const letter = { topic: retryTopicOf(name, group), partition, key, value, headers: record.headers(), timestamp: null };
        requeued.set(originPlace(letter), (requeued.get(originPlace(letter)) ?? 0) + 1);
        await producer.send([letter]);
      }
    }
  }
}

export function openWorld(scenario: Scenario, startMs: number, trace: Trace): SimWorld {
  const { seed, play, weather } = scenario;
  const clock = createSimClock(startMs);
  const random = createSeededRandom(Math.imul(seed, 0x85ebca6b) ^ 0xcafe);
  const broker = createMemoryBroker({
    clock,
    maxRecordsPerBatch: scenario.recordsPerFetch,
    markerDelayMs: () => random.next() * (clock.now() < startMs + scenario.activeMs ? weather.markersMs : promptMs),
  });
  const registry = createMemoryRegistry();
  const tell = (process: string, happening: string): void => trace(clock.now() - startMs, process, happening);
  for (const topic of new Set(play.topics)) broker.createTopic(topic, scenario.partitions);
  for (const topic of [...play.narrowTopics, ...(scenario.quarantine ? haltTopics : [])]) broker.createTopic(topic, 1);
  const network = createNetwork({ clock, random, weather, trace: tell, ...brokerLink });
  const open = play.open({ scenario, clock, broker, registry, random, trace: tell });
  const fleet = startFleet({ scenario, open, clock, broker, registry, network, random, trace: tell });
  const operator = scenario.quarantine ? watchHalts({ scenario, clock, broker, registry, fleet, random, trace: tell }) : null;
  return { scenario, clock, broker, registry, network, fleet, open, operator, sent: [], requeued: new Map(), trace: tell };
}
