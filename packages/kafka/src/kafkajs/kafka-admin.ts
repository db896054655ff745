import { VigilError } from '@vigil/core';
import type { AdminClient, PositionToCommit, TopicDescription, TopicToCreate } from '../ports/kafka-client.ts';
import type { ByteReader } from './byte-reader.ts';
import { createByteWriter } from './byte-writer.ts';
import type { ClusterLink } from './cluster-link.ts';
import { callBroker } from './raw-request.ts';
import { retryBusy } from './retry-busy.ts';

const metadataKey = 3;
/** kafkajs ends at version 6; topic ids came with 10. */
const metadataVersion = 12;
const earliest = -2;
const latest = -1;
const readCommitted = 1;
const readUncommitted = 0;
const noTopicId = '00000000-0000-0000-0000-000000000000';
const createTimeoutMs = 30_000;
/** The protocol's word for a topic that a broker has not heard of, or not yet. */
const unheardType = 'UNKNOWN_TOPIC_OR_PARTITION';

/** Metadata of these topics, of all for null. */
function metadataBody(names: readonly string[] | null): Buffer {
  const writer = createByteWriter();
  // The request header's tagged fields, which kafkajs's older header lacks.
  writer.int8(0);
  writer.unsignedVarint(names === null ? 0 : names.length + 1);
  for (const name of names ?? []) {
    writer.int64(0);
    writer.int64(0);
    writer.compactString(name);
    writer.int8(0);
  }
  writer.int8(0);
  writer.int8(0);
  writer.int8(0);
  return writer.view();
}

const uuidOf = (bytes: Buffer): string => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

function readTopic(reader: ByteReader): TopicDescription & { readonly errorCode: number } {
  const errorCode = reader.int16();
  const name = reader.compactString() as string;
  const topicId = uuidOf(reader.take(16));
  reader.int8();
  const partitions = reader.compactArray(() => {
    reader.take(14);
    for (let list = 0; list < 3; list++) reader.compactArray(() => reader.int32());
    reader.tags();
  });
  reader.int32();
  reader.tags();
  return { errorCode, name, topicId: topicId === noTopicId ? null : topicId, partitions: partitions.length };
}

function readMetadata(reader: ByteReader): readonly TopicDescription[] {
  reader.tags();
  reader.int32();
  reader.compactArray(() => {
    reader.int32();
    reader.compactString();
    reader.int32();
    reader.compactString();
    reader.tags();
  });
  reader.compactString();
  reader.int32();
  return reader
    .compactArray(readTopic)
    .filter(({ errorCode }) => errorCode === 0)
    .map(({ name, topicId, partitions }) => ({ name, topicId, partitions }));
}

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
  const metadata = async (names: readonly string[] | null): Promise<readonly TopicDescription[]> => {
    const broker = await link.controller();
    return callBroker(broker, {
      apiKey: metadataKey,
      apiVersion: metadataVersion,
      apiName: 'Metadata',
      body: metadataBody(names),
      read: readMetadata,
    });
  };
  /** @throws a protocol error where a partition is not there to be read yet */
  const touch = async (topics: readonly TopicDescription[]): Promise<void> => {
    await link.withTopics(topics.map(({ name }) => name));
    if (topics.some(({ name, partitions }) => link.partitionsOf(name) !== partitions)) await link.refresh();
    const places = topics.flatMap(({ name, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition })),
    );
    for (const [nodeId, ofLeader] of Map.groupBy(places, ({ topic, partition }) => link.leaderOf(topic, partition))) {
      const broker = await link.broker(nodeId);
      const wanted = [...Map.groupBy(ofLeader, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
        topic,
        partitions: ofTopic.map(({ partition }) => ({ partition, timestamp: earliest })),
      }));
      await broker.listOffsets({ replicaId: -1, isolationLevel: readCommitted, topics: wanted });
    }
  };
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
      await touch(found);
    }, createTimeoutMs);
  const partitionsOf = async (topic: string): Promise<number> => {
    const [found] = await metadata([topic]);
    if (!found) throw new VigilError('TOPIC_MISSING', { detail: topic });
    return found.partitions;
  };
  const listOffsets = async (topic: string, timestamp: number, isolationLevel = readCommitted): Promise<readonly number[]> => {
    const count = await partitionsOf(topic);
    await link.withTopics([topic]);
    if (link.partitionsOf(topic) !== count) await link.refresh();
    const partitions = Array.from({ length: count }, (_, partition) => partition);
    const offsets: number[] = partitions.map(() => 0);
    for (const [nodeId, ofLeader] of Map.groupBy(partitions, (partition) => link.leaderOf(topic, partition))) {
      const broker = await link.broker(nodeId);
      const { responses } = await broker.listOffsets({
        replicaId: -1,
        isolationLevel,
        topics: [{ topic, partitions: ofLeader.map((partition) => ({ partition, timestamp })) }],
      });
      for (const { partition, offset } of (responses[0] as (typeof responses)[number]).partitions) offsets[partition] = Number(offset);
    }
    return offsets;
  };
  /** A leader that moved, or a topic so new that not every broker knows it, is looked for once more. */
  const withFreshLeaders = async <Answer>(step: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await step();
    } catch (error) {
      if (error instanceof VigilError && error.code !== 'TOPIC_MISSING') throw error;
      await link.refresh();
      return step();
    }
  };
  return {
    describeTopics: (names) => (names.length === 0 ? Promise.resolve([]) : metadata(names)),
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
    startOffsets: (topic) => withFreshLeaders(() => listOffsets(topic, earliest)),
    stableOffsets: (topic) => withFreshLeaders(() => listOffsets(topic, latest)),
    highWatermarks: (topic) => withFreshLeaders(() => listOffsets(topic, latest, readUncommitted)),
    async committed(group, topics) {
      const wanted = await Promise.all(
        topics.map(async (topic) => ({
          topic,
          partitions: Array.from({ length: await partitionsOf(topic) }, (_, partition) => ({ partition })),
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
