import {
  allTopics,
  changelogTopicOf,
  topics,
  type AlertRaised,
  type BatchProgressed,
  type ReadingAccepted,
  type Topic,
  type WindowClosed,
} from '@vigil/contracts';
import {
  createMemoryBroker,
  createMemoryRegistry,
  createValueDecoder,
  createValueEncoder,
  partitionOf,
  readWhole,
  runNameOf,
  runTopicsOf,
  runTopology,
  systemEngineClock,
  withRunId,
  type FetchedRecord,
  type KafkaClient,
} from '@vigil/kafka';
import { wardStore } from '../src/state/ward-store.ts';
import { createTopology } from '../src/topology.ts';
import { rulesWith } from './test-rules.ts';

const stage = 'vitals-windowing';
export const cutoverRunId = 'r1';
const partitions = 2;
const source = topics.vitalsReadingAccepted;

type Environment = Readonly<Record<string, string>>;

/** The stage and a run of it on a broker in memory, driven by the real engine. */
export function createCutoverWorld() {
  const broker = createMemoryBroker({ clock: systemEngineClock });
  const registry = createMemoryRegistry();
  const client = broker.connect();
  const shape = { chainPartitions: partitions, replicationFactor: 1 };
  const names = [...allTopics(shape), ...runTopicsOf(stage, cutoverRunId, partitions, 1)].map(({ name }) => name);
  for (const name of names) broker.createTopic(name, partitions);

  async function send(readings: readonly ReadingAccepted[]): Promise<void> {
    const encode = createValueEncoder(source.schema, registry.register(source.schema));
    const producer = await client.openIdempotentProducer();
    await producer.send(
      readings.map((reading) => {
        const key = Buffer.from(reading.patientToken);
        return { topic: source.name, partition: partitionOf(key, partitions), key, value: encode(reading), headers: [], timestamp: null };
      }),
    );
  }

  /** Runs the stage under these names until it has read all there is. */
  async function runStage(own: KafkaClient, environment: Environment): Promise<void> {
    const running = await runTopology(createTopology(rulesWith(environment)), {
      client: own,
      registry,
      settings: { commitIntervalMs: 5, pollMs: 5, tickIntervalMs: 3_600_000 },
    });
    const ends = await client.admin.stableOffsets(source.name);
    const isRead = (): boolean => {
      const places = running.health().partitions.filter(({ topic }) => topic === source.name);
      return ends.every((end, partition) => places.some((place) => place.partition === partition && place.committed >= end));
    };
    while (!isRead()) await new Promise((resolve) => void setTimeout(resolve, 2));
    await running.drain({ withinMs: 5_000 });
  }

  async function read<Value>(topic: Topic<Value>): Promise<Value[]> {
    const found: Value[] = [];
    await registry.schemaOf(registry.register(topic.schema));
    const decode = createValueDecoder(topic.schema, registry);
    const places = Array.from({ length: partitions }, (_, partition) => ({ topic: topic.name, partition }));
    await readWhole({ client, places, pollMs: 5, onRecord: (_, { value }) => void found.push(decode(value as Buffer) as Value) });
    return found;
  }

  /** Keys of the rows that a start would restore: of the live stage, or of whose changelogs have other names. */
  async function rows(named = (changelog: string): string => changelog): Promise<string[]> {
    const held = new Map<string, boolean>();
    const places = Object.keys(createTopology(rulesWith()).stores)
      .map((store) => named(changelogTopicOf(stage, store)))
      .flatMap((topic) => Array.from({ length: partitions }, (_, partition) => ({ topic, partition })));
    await readWhole({
      client,
      places,
      pollMs: 5,
      onRecord: (_place, { key, value }) => void held.set(String(key), value !== null),
    });
    return [...held]
      .filter(([, isThere]) => isThere)
      .map(([key]) => key)
      .sort();
  }

  /** Starts of the panes of each patient, as a start builds them from the log, whole and in its order. */
  async function panes(named = (changelog: string): string => changelog): Promise<Record<string, readonly number[]>> {
    const store = wardStore.open();
    const decode = createValueDecoder(wardStore.schema, registry);
    const topic = named(changelogTopicOf(stage, 'ward'));
    const places = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
    await registry.schemaOf(registry.register(wardStore.schema));
    const onRecord = (_place: unknown, { key, value }: FetchedRecord): void =>
      store.restore(String(key), value && (decode(value) as object));
    await readWhole({ client, places, pollMs: 5, onRecord });
    return Object.fromEntries([...store.view.all()].map((patient) => [patient.token, patient.panes.map(({ start }) => start)]));
  }

  return {
    broker,
    client,
    registry,
    send,
    /** Where in the source the run begins, instead of at its start. */
    beginRunAt: (offsets: readonly number[]) =>
      client.admin.commitPositions(
        runNameOf(stage, cutoverRunId),
        offsets.map((offset, partition) => ({ topic: source.name, partition, offset, metadata: '' })),
      ),
    panes: () => panes(),
    panesOfRun: () => panes((changelog) => runNameOf(changelog, cutoverRunId)),
    rows: () => rows(),
    rowsOfRun: () => rows((changelog) => runNameOf(changelog, cutoverRunId)),
    runLive: (environment: Environment) => runStage(broker.connect(), environment),
    runBeside: (environment: Environment) => runStage(withRunId(broker.connect(), stage, cutoverRunId), environment),
    alerts: () => read<AlertRaised>(topics.alertRaised),
    windows: () => read<WindowClosed>(topics.vitalsWindowClosed),
    ledger: () => read<BatchProgressed>(topics.batchProgressed),
  };
}

export type CutoverWorld = ReturnType<typeof createCutoverWorld>;
