import { VigilError } from '@vigil/core';
import type { AdminClient, PositionToCommit, TopicToCreate } from '../ports/kafka-client.ts';
import type { ClusterLink } from './cluster-link.ts';
import { retryBusy } from './retry-busy.ts';
import { createTopicMetadata, findOrThrow } from './topic-metadata.ts';
import { createTopicOffsets } from './topic-offsets.ts';

const createTimeoutMs = 30_000;
/** The protocol's word for a topic that a broker has not heard of, or not yet. */
const unheardType = 'UNKNOWN_TOPIC_OR_PARTITION';

const toCreate = ({ name, partitions, replicationFactor, config }: TopicToCreate) => ({
  topic: name,
  numPartitions: partitions,
  replicationFactor,
  configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
});

/** The names that somebody else created a moment ago. @throws when that is not the whole failure */
function alreadyThere(failure: unknown): ReadonlySet<string> {
  const errors = (failure as { errors?: readonly { readonly type?: unknown; readonly topic?: unknown }[] }).errors ?? [];
  if (errors.length === 0 || errors.some(({ type }) => type !== 'TOPIC_ALREADY_EXISTS')) throw errors[0] ?? failure;
  return new Set(errors.map(({ topic }) => String(topic)));
}

export function createKafkaAdmin(link: ClusterLink): AdminClient {
  const { read: metadata, find } = createTopicMetadata(link);
  const { readStarts, ...offsets } = createTopicOffsets(link, find);
  /**
   * The controller answers before the brokers have heard of new topics, and they tell of them before the partitions are
   * there: whoever described or read one then would be turned away.
   */
  const untilServed = (names: readonly string[]): Promise<void> =>
    retryBusy(async (attempt) => {
      const found = await metadata(names);
      const known = new Set(found.map(({ name }) => name));
      const unheard = names.filter((name) => !known.has(name));
      if (unheard.length > 0) throw Object.assign(new VigilError('TOPIC_MISSING', { detail: unheard.join(', ') }), { type: unheardType });
      if (attempt > 1) await link.refresh();
      await link.withTopics(known);
      await Promise.all(found.map(readStarts));
    }, createTimeoutMs);
  return {
    describeTopics: async (names) => (await Promise.all([...new Set(names)].map(find))).filter((found) => found !== null),
    listTopics: async () => (await metadata(null)).map(({ name }) => name),
    async createTopics(topics: readonly TopicToCreate[]) {
      const known = new Set((await metadata(null)).map(({ name }) => name));
      const missing = topics.filter(({ name }) => !known.has(name));
      if (missing.length === 0) {
        // Somebody else may have created them a moment ago.
        await untilServed(topics.map(({ name }) => name));
        return [];
      }
      const controller = await link.controller();
      const existing = await controller
        .createTopics({ topics: missing.map(toCreate), timeout: createTimeoutMs })
        .then(() => new Set<string>(), alreadyThere);
      await untilServed(topics.map(({ name }) => name));
      return missing.map(({ name }) => name).filter((name) => !existing.has(name));
    },
    ...offsets,
    async committed(group, topics) {
      const wanted = await Promise.all(
        topics.map(async (topic) => ({
          topic,
          partitions: Array.from({ length: (await findOrThrow(find, topic)).partitions }, (_, partition) => ({ partition })),
        })),
      );
      const { responses } = await retryBusy(
        async () => (await link.groupCoordinator(group)).offsetFetch({ groupId: group, topics: wanted }),
        createTimeoutMs,
      );
      return responses.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset, metadata: text }) => ({
          topic,
          partition,
          offset: Number(offset) < 0 ? null : Number(offset),
          metadata: text ?? '',
        })),
      );
    },
    async commitPositions(group, positions: readonly PositionToCommit[]) {
      const byTopic = [...Map.groupBy(positions, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
        topic,
        partitions: ofTopic.map(({ partition, offset, metadata: text }) => ({ partition, offset: String(offset), metadata: text })),
      }));
      await retryBusy(
        async () =>
          (await link.groupCoordinator(group)).offsetCommit({ groupId: group, groupGenerationId: -1, memberId: '', topics: byTopic }),
        createTimeoutMs,
      );
    },
    close: () => link.close(),
  };
}
