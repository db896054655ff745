import type { Topic } from '@vigil/contracts';
import {
  createValueDecoder,
  createValueEncoder,
  partitionOf,
  readWhole,
  unresolvedIds,
  valueSubjectOf,
  type KafkaClient,
  type ProducedRecord,
  type SchemaRegistry,
} from '@vigil/kafka';
import { identifyQueue } from '../dlq/walk-queue.ts';
import { checkVersions, contentOf, type PublishedVersion } from './check-versions.ts';
import { referenceError, type ReferenceProblem } from './reference-problem.ts';
import type { ReadRecords, ReferenceRecord } from './reference-record.ts';

export interface ReferenceWorld {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
}

/** What became of the rows for one topic. */
export interface LoadedTopic {
  readonly topic: string;
  readonly rows: number;
  readonly published: number;
  /** Published before with the same content. */
  readonly unchanged: number;
  /** Not in force yet on the day that was asked for. */
  readonly later: number;
}

const pollMs = 200;
const mostRecords = 1000;

interface Versioned {
  readonly version: number;
  readonly effectiveFrom?: number;
  readonly effectiveTo?: number | null;
}

/** What a key names, without its last parts: effective date and version, of a member the version alone. */
function entityOfKey(key: string, isEffective: boolean): string {
  const parts = key.split('|');
  return parts.slice(0, isEffective ? -2 : -1).join('|');
}

function publishedVersion(key: string, value: object): PublishedVersion {
  const { version, effectiveFrom, effectiveTo = null } = value as Versioned;
  const entity = entityOfKey(key, effectiveFrom !== undefined);
  return { key, entity, version, from: effectiveFrom ?? 0, to: effectiveTo, content: contentOf(value) };
}

/** Everything that a topic holds, the last record of each key. */
async function readPublished({ client, registry }: ReferenceWorld, topic: Topic, partitions: number): Promise<PublishedVersion[]> {
  const last = new Map<string, Buffer>();
  await readWhole({
    client,
    pollMs,
    places: Array.from({ length: partitions }, (_, partition) => ({ topic: topic.name, partition })),
    onRecord(_place, { key, value }) {
      const name = String(key);
      if (value === null) last.delete(name);
      else last.set(name, Buffer.from(value));
    },
  });
  for (const id of unresolvedIds(last.values(), registry)) await registry.schemaOf(id);
  const decode = createValueDecoder(topic.schema, registry);
  return [...last].map(([key, value]) => publishedVersion(key, decode(value) as object));
}

async function publish(
  records: readonly ReferenceRecord[],
  topic: Topic,
  partitions: number,
  { client, registry }: ReferenceWorld,
): Promise<void> {
  if (records.length === 0) return;
  const encode = createValueEncoder(topic.schema, await registry.idOf(valueSubjectOf(topic.name), topic.schema));
  const producer = await client.openIdempotentProducer();
  try {
    for (let at = 0; at < records.length; at += mostRecords) {
      const batch = records.slice(at, at + mostRecords).map(({ key, partitionKey, value }): ProducedRecord => ({
        topic: topic.name,
        partition: partitionOf(Buffer.from(partitionKey, 'utf8'), partitions),
        key: Buffer.from(key, 'utf8'),
        value: encode(value),
        headers: [],
        timestamp: null,
      }));
      await producer.send(batch);
    }
  } finally {
    await producer.close();
  }
}

interface TopicPlan {
  readonly topic: Topic;
  readonly partitions: number;
  readonly fresh: readonly ReferenceRecord[];
  readonly problems: readonly ReferenceProblem[];
  readonly loaded: LoadedTopic;
}

async function planTopic(topic: Topic, all: readonly ReferenceRecord[], asOf: number | null, world: ReferenceWorld): Promise<TopicPlan> {
  const due = all.filter(({ from }) => asOf === null || from <= asOf);
  const { partitions } = await identifyQueue(world.client, topic.name);
  const { fresh, unchanged, problems } = checkVersions(due, await readPublished(world, topic, partitions));
  const loaded = {
    topic: topic.name,
    rows: all.length,
    published: fresh.length,
    unchanged: unchanged.length,
    later: all.length - due.length,
  };
  return { topic, partitions, fresh, problems, loaded };
}

/**
 * Publishes the rows that were not published before; the same rows again publish nothing. Where any row is bad, none is.
 *
 * @param asOf  only what begins on this day at the latest, days since 1970-01-01; null = everything
 * @throws VigilError BAD_REFERENCE_DATA that lists every bad row
 */
export async function loadReference(
  { records, problems }: ReadRecords,
  asOf: number | null,
  world: ReferenceWorld,
): Promise<LoadedTopic[]> {
  const topics = [...Map.groupBy(records, ({ topic }) => topic)];
  const plans: TopicPlan[] = [];
  for (const [topic, rows] of topics) plans.push(await planTopic(topic, rows, asOf, world));
  const bad = [...problems, ...plans.flatMap((plan) => plan.problems)];
  if (bad.length > 0) throw referenceError(bad);
  for (const { topic, partitions, fresh } of plans) await publish(fresh, topic, partitions, world);
  return plans.map(({ loaded }) => loaded);
}
