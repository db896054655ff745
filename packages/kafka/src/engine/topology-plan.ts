import { changelogTopicOf, dlqTopicOf, retryTopicOf, topics, type Topic } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { createKeyText } from '../codec/key-text.ts';
import { projectionOf } from '../codec/projection.ts';
import { createFlatDecoder, type FlatDecoder } from '../codec/flat-decoder.ts';
import { createValueDecoder, type ValueDecoder } from '../codec/value-decoder.ts';
import { createRecordEncoder, createValueEncoder, type PlaceOfRow, type RecordEncoder, type ValueEncoder } from '../codec/value-encoder.ts';
import type { KafkaClient, TopicDescription } from '../ports/kafka-client.ts';
import { valueSubjectOf, type SchemaRegistry } from '../ports/schema-registry.ts';
import { partitionOf } from '../topology/partition-of.ts';
import type { StoreSpec } from '../topology/state-store.ts';
import { openRowMap, type Handler, type Partitioning, type QuickHandler, type TableIndex, type Topology } from '../topology/topology.ts';

/** A topic that tasks read: a source of the topology or the way back from its quarantine. */
export interface PlannedSource {
  /** Name of the topic that is read. */
  readonly name: string;
  /** The catalogue's topic whose records these are. */
  readonly topic: Topic;
  readonly isRetry: boolean;
  readonly handle: Handler<never, unknown>;
  readonly decode: ValueDecoder;
  /** All fields, where `decode` reads some. */
  readonly decodeWhole: ValueDecoder;
  readonly keyText: (key: Buffer) => string;
  readonly quick: PlannedQuickWay | null;
  readonly deadLetterTopic: string;
  readonly topicId: string | null;
}

/** The short way of a source's records. */
export interface PlannedQuickWay {
  readonly decode: FlatDecoder;
  readonly handle: QuickHandler<unknown>;
}

export interface PlannedSink {
  readonly name: string;
  /** To where it belongs: the partition of the task, or that of the key. */
  readonly encode: RecordEncoder;
}

export interface PlannedStore {
  readonly name: string;
  readonly spec: StoreSpec;
  readonly changelog: string;
  readonly encode: ValueEncoder;
  readonly encodeChange: RecordEncoder;
  readonly decode: ValueDecoder;
  /** Decodes nothing of a value, but passes over all of it: throws where the bytes are none of the schema. */
  readonly passOver: ValueDecoder;
}

export interface PlannedTable {
  readonly name: string;
  readonly topic: string;
  readonly partitions: number;
  readonly decode: ValueDecoder;
  readonly open: () => TableIndex<unknown>;
}

/** A topology with everything looked up that needs a broker or a registry: from here on nothing is awaited per record. */
export interface TopologyPlan {
  readonly topology: Topology;
  readonly group: string;
  readonly partitions: number;
  readonly sources: readonly PlannedSource[];
  readonly sinks: ReadonlyMap<string, PlannedSink>;
  readonly stores: readonly PlannedStore[];
  readonly tables: readonly PlannedTable[];
  readonly ledger: PlannedSink;
}

type Descriptions = ReadonlyMap<string, TopicDescription>;

/** Every topic that a topology touches. */
export function topicsOfTopology({ name, sources, sinks, stores, tables }: Topology): readonly string[] {
  return [
    ...sources.flatMap(({ topic }) => [topic.name, retryTopicOf(topic.name, name), dlqTopicOf(topic.name, name)]),
    ...sinks.map(({ topic }) => topic.name),
    ...Object.keys(stores).map((store) => changelogTopicOf(name, store)),
    ...Object.values(tables).map(({ topic }) => topic.name),
    topics.batchProgressed.name,
  ];
}

async function describe(client: KafkaClient, names: readonly string[]): Promise<Descriptions> {
  const found = new Map((await client.admin.describeTopics(names)).map((description) => [description.name, description]));
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0) throw new VigilError('TOPIC_MISSING', { detail: missing.join(', ') });
  return found;
}

/** All were found: `describe` throws otherwise. */
const describedIn = (found: Descriptions, name: string): TopicDescription => found.get(name) as TopicDescription;
const countOf = (found: Descriptions, name: string): number => describedIn(found, name).partitions;

/** A task is one partition number of all these topics: their counts must be one. */
function commonPartitions(found: Descriptions, names: readonly string[]): number {
  const counts = names.map((name) => `${name}: ${countOf(found, name)}`);
  const distinct = new Set(names.map((name) => countOf(found, name)));
  if (distinct.size > 1) throw new VigilError('PARTITION_MISMATCH', { detail: counts.join(', ') });
  return [...distinct][0] as number;
}

async function planSink(
  { name, schema }: Topic,
  placing: Partitioning | 'wrapped',
  found: Descriptions,
  registry: SchemaRegistry,
): Promise<PlannedSink> {
  const id = await registry.idOf(valueSubjectOf(name), schema);
  const partitions = countOf(found, name);
  const places: Record<typeof placing, PlaceOfRow> = {
    same: (_row, own) => own,
    key: ({ bytes, keyFrom, keyTo }) => partitionOf(bytes, partitions, keyFrom, keyTo),
    wrapped: (_row, own) => own % partitions,
  };
  return { name, encode: createRecordEncoder({ name, schema, placeOf: places[placing] }, id) };
}

async function planStore(group: string, name: string, spec: StoreSpec, registry: SchemaRegistry): Promise<PlannedStore> {
  const changelog = changelogTopicOf(group, name);
  const id = await registry.idOf(valueSubjectOf(changelog), spec.schema);
  return {
    name,
    spec,
    changelog,
    encode: createValueEncoder(spec.schema, id, spec.write),
    encodeChange: createRecordEncoder({ name: changelog, schema: spec.schema, write: spec.write }, id),
    decode: createValueDecoder(spec.schema, registry),
    passOver: createValueDecoder(projectionOf(spec.schema, []), registry),
  };
}

function planSources({ name: group, sources }: Topology, found: Descriptions, registry: SchemaRegistry): readonly PlannedSource[] {
  return sources.flatMap(({ topic, handle, reads, quick }) => {
    const projected = reads ? projectionOf(topic.schema, reads) : topic.schema;
    const decodeWhole = createValueDecoder(topic.schema, registry);
    const shared = {
      topic,
      handle,
      decode: reads ? createValueDecoder(projected, registry) : decodeWhole,
      decodeWhole,
      keyText: createKeyText(),
      quick: quick ? { decode: createFlatDecoder(quick.fields, registry), handle: quick.handle } : null,
      deadLetterTopic: dlqTopicOf(topic.name, group),
    };
    const retry = retryTopicOf(topic.name, group);
    return [
      { ...shared, name: topic.name, isRetry: false, topicId: describedIn(found, topic.name).topicId },
      { ...shared, name: retry, isRetry: true, topicId: describedIn(found, retry).topicId },
    ];
  });
}

/**
 * @throws VigilError TOPIC_MISSING, PARTITION_MISMATCH, SCHEMA_NOT_REGISTERED: the stage cannot start as configured;
 *   dependency errors when broker or registry are away
 */
export async function planTopology(topology: Topology, client: KafkaClient, registry: SchemaRegistry): Promise<TopologyPlan> {
  const found = await describe(client, topicsOfTopology(topology));
  const sources = planSources(topology, found, registry);
  const partitions = commonPartitions(found, [
    ...sources.flatMap(({ name, deadLetterTopic }) => [name, deadLetterTopic]),
    ...Object.keys(topology.stores).map((store) => changelogTopicOf(topology.name, store)),
    ...topology.sinks.filter(({ partitioning }) => partitioning === 'same').map(({ topic }) => topic.name),
  ]);
  const sinks = await Promise.all(topology.sinks.map(({ topic, partitioning }) => planSink(topic, partitioning, found, registry)));
  return {
    topology,
    group: topology.name,
    partitions,
    sources,
    sinks: new Map(sinks.map((planned) => [planned.name, planned])),
    stores: await Promise.all(Object.entries(topology.stores).map(([name, spec]) => planStore(topology.name, name, spec, registry))),
    tables: Object.entries(topology.tables).map(([name, { topic, open = openRowMap }]) => ({
      name,
      topic: topic.name,
      partitions: countOf(found, topic.name),
      decode: createValueDecoder(topic.schema, registry),
      open,
    })),
    ledger: await planSink(topics.batchProgressed, 'wrapped', found, registry),
  };
}
