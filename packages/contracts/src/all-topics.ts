import { stores } from './generated/stores.ts';
import { changelogTopicOf, dlqTopicOf, retryTopicOf } from './topic-names.ts';
import { days, mebibyte, type AvroSchema, type Topic } from './topic.ts';
import { topics } from './topics.ts';

export type TopicKind = 'record' | 'dlq' | 'retry' | 'changelog';

/** A topic as the broker is to hold it. */
export interface TopicSpec {
  readonly name: string;
  readonly kind: TopicKind;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Broker-side settings, by Kafka's names. */
  readonly config: Readonly<Record<string, string>>;
  /** What the values are; null where they are another topic's bytes, whatever they were (quarantine and retry). */
  readonly schema: AvroSchema | null;
  /** The catalogue entry that this topic belongs to; null for changelogs. */
  readonly topic: Topic | null;
  /** The group that owns a derived topic; null for record topics. */
  readonly group: string | null;
}

export interface ClusterShape {
  /** The one partition count of all record topics; fixed at creation. */
  readonly chainPartitions: number;
  readonly replicationFactor: number;
}

/** A store whose changes are kept by a changelog; `schema` is that of its values. */
export interface StoreDeclaration {
  readonly group: string;
  readonly store: string;
  readonly schema: AvroSchema;
}

/** Every store of the fleet, from `schemas/state/`. */
export const storeCatalogue: readonly StoreDeclaration[] = stores;

const dlqRetentionMs = days(30);
/** A quarantined message keeps its bytes and gains headers. */
const dlqMaxBytes = 5 * mebibyte;

/** The active segment is never compacted, and a restore reads it whole: small segments, cleaned early. */
const quickRestore = { 'segment.bytes': String(64 * mebibyte), 'min.cleanable.dirty.ratio': '0.2' } as const;

interface Keeping {
  readonly cleanup: 'delete' | 'compact';
  readonly retentionMs: number;
  readonly timestamps: 'log-append' | 'create';
  readonly maxMessageBytes: number;
}

function configOf({ cleanup, retentionMs, timestamps, maxMessageBytes }: Keeping, replicationFactor: number): Record<string, string> {
  return {
    'cleanup.policy': cleanup,
    ...(cleanup === 'delete' && { 'retention.ms': String(retentionMs) }),
    'message.timestamp.type': timestamps === 'log-append' ? 'LogAppendTime' : 'CreateTime',
    'max.message.bytes': String(maxMessageBytes),
    'min.insync.replicas': String(Math.min(2, replicationFactor)),
    'unclean.leader.election.enable': 'false',
  };
}

/** Quarantine and retry of a topic for one of its reading groups. */
export const quarantineTopicsOf = (topic: Topic, group: string, { chainPartitions, replicationFactor }: ClusterShape): TopicSpec[] => {
  const shared = {
    partitions: topic.partitions === 'chain' ? chainPartitions : topic.partitions,
    replicationFactor,
    schema: null,
    topic,
    group,
  };
  const keeping = { cleanup: 'delete', timestamps: 'create', maxMessageBytes: dlqMaxBytes } as const;
  return [
    {
      ...shared,
      name: dlqTopicOf(topic.name, group),
      kind: 'dlq',
      config: configOf({ ...keeping, retentionMs: dlqRetentionMs }, replicationFactor),
    },
    {
      ...shared,
      name: retryTopicOf(topic.name, group),
      kind: 'retry',
      config: configOf({ ...keeping, retentionMs: days(14) }, replicationFactor),
    },
  ];
};

/** The topic of the catalogue itself. */
export const recordTopicOf = (topic: Topic, { chainPartitions, replicationFactor }: ClusterShape): TopicSpec => ({
  name: topic.name,
  kind: 'record',
  partitions: topic.partitions === 'chain' ? chainPartitions : topic.partitions,
  replicationFactor,
  config: configOf(topic, replicationFactor),
  schema: topic.schema,
  topic,
  group: null,
});

const changelogOf = ({ group, store, schema }: StoreDeclaration, { chainPartitions, replicationFactor }: ClusterShape): TopicSpec => ({
  name: changelogTopicOf(group, store),
  kind: 'changelog',
  partitions: chainPartitions,
  replicationFactor,
  config: {
    ...configOf({ cleanup: 'compact', retentionMs: -1, timestamps: 'create', maxMessageBytes: dlqMaxBytes }, replicationFactor),
    ...quickRestore,
  },
  schema,
  topic: null,
  group,
});

/** Every topic of the fleet: record topics, then per reading group quarantine and retry, then changelogs. */
export function allTopics(shape: ClusterShape): TopicSpec[] {
  const catalogue: readonly Topic[] = Object.values(topics);
  const records = catalogue.map((topic) => recordTopicOf(topic, shape));
  const derived = catalogue.flatMap((topic) => topic.readers.flatMap((group) => quarantineTopicsOf(topic, group, shape)));
  return [...records, ...derived, ...storeCatalogue.map((store) => changelogOf(store, shape))];
}
