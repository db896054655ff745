import { changelogTopicOf, dlqTopicOf, retryTopicOf, topics, type AvroSchema, type BatchProgressed, type Topic } from '@vigil/contracts';
import { classifyError, VigilError, type TopicRef } from '@vigil/core';
import {
  createMemoryBroker,
  createMemoryRegistry,
  createStageMachine,
  createValueDecoder,
  createValueEncoder,
  createVirtualClock,
  headerNames,
  partitionOf,
  textHeader,
  type EngineEvent,
  type EngineSettings,
  type FetchedRecord,
  type MemoryBroker,
  type MemoryRegistry,
  type RecordHeaders,
  type StageMachine,
  type Topology,
  type VirtualClock,
} from '@vigil/kafka';

export interface DriverOptions {
  /** Partition count of every topic; one by default, so that order is the order of piping. */
  readonly partitions?: number;
  /** The clock at the start, milliseconds since the epoch. */
  readonly startMs?: number;
  readonly settings?: Partial<EngineSettings>;
  /** Broker-side settings by topic, for example `max.message.bytes`. */
  readonly topicConfig?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Rounds after which a topology that is still at work counts as never coming to rest. */
  readonly mostRounds?: number;
  /** Asked at every operation of the engine's client (`send:before`, `commit:after`, …), numbered from 1: what goes wrong there. */
  readonly faults?: (operation: string, number: number) => DriverFault | null;
}

/**
 * `crash`: the process dies there and another is started. `fail`: the operation fails by a time-out; at an `:after`
 * its effect has happened all the same. An error: the operation fails with it.
 */
export type DriverFault = 'crash' | 'fail' | Error;

export interface PipedRecord {
  readonly key: string | null;
  /** An object is encoded as the topic says (Avro, or JSON on json-or-avro topics); bytes and text go as they are. */
  readonly value: unknown;
  /** Ingestion time; the driver's clock by default. */
  readonly timestamp?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** By the key's hash when absent. */
  readonly partition?: number;
}

export interface DrivenRecord<Value = unknown> {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: Value;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Quarantined {
  readonly topic: string;
  readonly partition: number;
  readonly code: string;
  readonly attempt: number;
  readonly origin: { readonly topic: string; readonly partition: number; readonly offset: number };
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** The real engine on a broker in memory, with a clock that moves only by `advance`. */
export interface TopologyDriver {
  readonly clock: VirtualClock;
  readonly broker: MemoryBroker;
  readonly registry: MemoryRegistry;
  readonly events: readonly EngineEvent[];
  /** Writes records to a source topic (or table) and runs until everything is handled and committed. */
  pipe(topic: Topic, ...records: readonly PipedRecord[]): Promise<void>;
  /** Puts quarantined records back by the retry topic, as `vigil dlq requeue` does. */
  requeue(topic: Topic): Promise<number>;
  /** Moves the clock in steps of a second (longer ones beyond ten minutes), running what is due. */
  advance(ms: number): Promise<void>;
  /** Everything committed to a topic so far, decoded. */
  read<Value>(topic: TopicRef<Value>): readonly Value[];
  records<Value>(topic: TopicRef<Value>): readonly DrivenRecord<Value>[];
  quarantined(): readonly Quarantined[];
  ledger(): readonly BatchProgressed[];
  /** Kills the process without warning and starts another: state comes back from the changelogs. */
  restart(): Promise<void>;
  health(): ReturnType<StageMachine['health']>;
}

const crashed = Symbol('crashed');
const never = <Value>(): Promise<Value> => new Promise(() => undefined);
const secondMs = 1_000;
const mostSteps = 600;
const quietRounds = 3;
const manyRounds = 100_000;

const headersOf = (headers: RecordHeaders): Record<string, string> =>
  Object.fromEntries(headers.map(([name, value]) => [name, value?.toString('utf8') ?? '']));

function createTopics(
  broker: MemoryBroker,
  { name, sources, sinks, stores, tables }: Topology,
  { partitions, topicConfig }: Required<Pick<DriverOptions, 'partitions' | 'topicConfig'>>,
): void {
  const names = new Set([
    ...sources.flatMap(({ topic }) => [topic.name, retryTopicOf(topic.name, name), dlqTopicOf(topic.name, name)]),
    ...sinks.map(({ topic }) => topic.name),
    ...Object.keys(stores).map((store) => changelogTopicOf(name, store)),
    ...Object.values(tables).map(({ topic }) => topic.name),
    topics.batchProgressed.name,
  ]);
  for (const topic of names) broker.createTopic(topic, partitions, topicConfig[topic]);
}

const schemasOf = ({ sources, sinks, tables }: Topology): ReadonlyMap<string, AvroSchema> =>
  new Map(
    [
      ...sources.map(({ topic }) => topic),
      ...sinks.map(({ topic }) => topic),
      ...Object.values(tables).map(({ topic }) => topic),
      topics.batchProgressed,
    ].map((topic) => [topic.name, topic.schema]),
  );

/** Bytes of a piped value. */
function bytesOf({ schema, format }: Topic, value: unknown, registry: MemoryRegistry): Buffer | null {
  if (value === null || Buffer.isBuffer(value)) return value;
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (format === 'json-or-avro') return Buffer.from(JSON.stringify(value), 'utf8');
  return createValueEncoder(schema, registry.register(schema))(value);
}

/** Drives a topology in a test: no broker, no registry, no timers, the engine itself. */
export function drive(
  topology: Topology,
  { partitions = 1, startMs = Date.UTC(2024, 2, 15, 10), settings, faults, topicConfig = {}, mostRounds = manyRounds }: DriverOptions = {},
): TopologyDriver {
  const clock = createVirtualClock(startMs);
  const broker = createMemoryBroker({ clock: { now: () => clock.now() } });
  const registry = createMemoryRegistry();
  const events: EngineEvent[] = [];
  const writer = broker.connect();
  const schemas = schemasOf(topology);
  createTopics(broker, topology, { partitions, topicConfig });

  let operations = 0;
  let isAlive: { value: boolean } = { value: true };
  let crashing: Promise<typeof crashed> = never();
  let machine: StageMachine | null = null;

  /** As the loop around a stage does: what passes by itself is tried again. */
  const openAtLast = async (started: StageMachine): Promise<void> => {
    for (;;) {
      try {
        return await started.open();
      } catch (error) {
        if (!faults || classifyError(error).kind !== 'transient') throw error;
      }
    }
  };
  const startMachine = async (): Promise<StageMachine> => {
    const alive: { value: boolean } = { value: true };
    isAlive = alive;
    const crash = Promise.withResolvers<typeof crashed>();
    crashing = crash.promise;
    const hook = async (operation: string): Promise<void> => {
      if (operation === 'poll') return;
      if (!alive.value) await never();
      const number = ++operations;
      const fault = faults?.(operation, number) ?? null;
      if (fault === null) return;
      if (fault !== 'crash') throw fault === 'fail' ? new VigilError('TIMED_OUT') : fault;
      alive.value = false;
      crash.resolve(crashed);
      await never();
    };
    const started = createStageMachine(topology, {
      client: broker.connect({ hook }),
      registry,
      clock,
      random: () => 0.5,
      observer: { on: (event) => void events.push(event) },
      settings: { commitIntervalMs: 0, ...settings },
    });
    const opened = await Promise.race([openAtLast(started), crashing]);
    return opened === crashed ? restartMachine() : started;
  };
  const restartMachine = async (): Promise<StageMachine> => {
    isAlive.value = false;
    broker.expel(topology.name, broker.members(topology.name));
    return (machine = await startMachine());
  };
  /** One round; true = the process died in it. */
  const round = async (running: StageMachine): Promise<boolean> => {
    const steps = async (): Promise<void> => {
      await running.step(0);
      await running.settled();
      clock.advance(0);
      await running.settled();
    };
    return (await Promise.race([steps(), crashing])) === crashed;
  };
  const run = async (): Promise<void> => {
    machine ??= await startMachine();
    let quiet = 0;
    for (let rounds = 0; quiet < quietRounds; rounds++) {
      if (rounds > mostRounds) throw new Error('the topology does not come to rest');
      const before = operations;
      if (await round(machine)) machine = await restartMachine();
      quiet = operations === before ? quiet + 1 : 0;
    }
  };
  const committedOf = (topic: string): readonly { readonly partition: number; readonly record: FetchedRecord }[] =>
    Array.from({ length: partitions }, (_, partition) => partition).flatMap((partition) => {
      const log = broker.log({ topic, partition });
      return log.read(log.startOffset, Number.POSITIVE_INFINITY).records.map((record) => ({ partition, record }));
    });
  const records = <Value>({ name }: TopicRef<Value>): readonly DrivenRecord<Value>[] => {
    const schema = schemas.get(name);
    if (!schema) throw new TypeError(`${topology.name} does not write ${name}`);
    const decode = createValueDecoder(schema, { ...registry, cached: () => schema });
    return committedOf(name).map(({ partition, record }) => ({
      partition,
      offset: record.offset,
      timestamp: record.timestamp,
      key: record.key?.toString('utf8') ?? null,
      value: (record.value === null ? null : decode(record.value)) as Value,
      headers: headersOf(record.headers()),
    }));
  };
  const deadLetters = (topic: Topic) => committedOf(dlqTopicOf(topic.name, topology.name));

  return {
    clock,
    broker,
    registry,
    events,
    async pipe(topic, ...piped) {
      machine ??= await startMachine();
      const producer = await writer.openIdempotentProducer();
      await producer.send(
        piped.map(({ key, value, timestamp = clock.now(), headers = {}, partition }) => {
          const keyBytes = key === null ? null : Buffer.from(key, 'utf8');
          return {
            topic: topic.name,
            partition: partition ?? (keyBytes ? partitionOf(keyBytes, partitions) : 0),
            key: keyBytes,
            value: bytesOf(topic, value, registry),
            headers: Object.entries(headers).map(([name, text]) => [name, Buffer.from(text, 'utf8')] as const),
            timestamp,
          };
        }),
      );
      await run();
    },
    async requeue(topic) {
      const letters = deadLetters(topic);
      const producer = await writer.openIdempotentProducer();
      await producer.send(
        letters.map(({ partition, record }) => ({
          topic: retryTopicOf(topic.name, topology.name),
          partition,
          key: record.key,
          value: record.value,
          headers: record.headers(),
          timestamp: clock.now(),
        })),
      );
      await run();
      return letters.length;
    },
    async advance(ms) {
      await run();
      const stepMs = Math.max(secondMs, Math.ceil(ms / mostSteps));
      for (let left = ms; left > 0; left -= stepMs) {
        clock.advance(Math.min(stepMs, left));
        await run();
      }
    },
    records,
    read: (topic) => records(topic).map(({ value }) => value),
    quarantined: () =>
      topology.sources.flatMap(({ topic }) =>
        deadLetters(topic).map(({ partition, record }) => {
          const text = (name: string): string => textHeader(record.headers(), name) ?? '';
          return {
            topic: topic.name,
            partition,
            code: text(headerNames.errorCode),
            attempt: Number(text(headerNames.attempt)),
            origin: {
              topic: text(headerNames.originTopic),
              partition: Number(text(headerNames.originPartition)),
              offset: Number(text(headerNames.originOffset)),
            },
            key: record.key,
            value: record.value,
            headers: headersOf(record.headers()),
          };
        }),
      ),
    ledger: () => records(topics.batchProgressed).map(({ value }) => value),
    async restart() {
      await restartMachine();
      await run();
    },
    health: () => {
      if (!machine) throw new TypeError('nothing was piped yet');
      return machine.health();
    },
  };
}
