import { VigilError } from '@vigil/core';
import DataLoader from 'dataloader';
import type { AdminClient } from '../ports/kafka-client.ts';
import type { ClusterLink } from './cluster-link.ts';
import { findOrThrow, type FindTopic } from './topic-metadata.ts';

const earliest = -2;
const latest = -1;
const readCommitted = 1;
const readUncommitted = 0;

type Offsets = readonly number[];

/**
 * Where partitions begin and end. Whoever watches the fleet asks for every topic at the same moment: that is one request
 * to each broker, not one for each topic.
 */
export function createTopicOffsets(
  link: ClusterLink,
  find: FindTopic,
): Pick<AdminClient, 'startOffsets' | 'stableOffsets' | 'highWatermarks'> {
  /** @throws what one of the topics fails with */
  const list = async (topics: ReadonlyMap<string, number>, timestamp: number, isolationLevel: number): Promise<Map<string, Offsets>> => {
    const names = [...topics.keys()];
    await link.withTopics(names);
    if (names.some((name) => link.partitionsOf(name) !== topics.get(name))) await link.refresh();
    const offsets = new Map(names.map((name) => [name, Array.from({ length: topics.get(name) ?? 0 }, () => 0)]));
    const places = [...offsets].flatMap(([topic, ofTopic]) => ofTopic.map((_, partition) => ({ topic, partition, timestamp })));
    for (const [nodeId, ofLeader] of Map.groupBy(places, ({ topic, partition }) => link.leaderOf(topic, partition))) {
      const broker = await link.broker(nodeId);
      const wanted = [...Map.groupBy(ofLeader, ({ topic }) => topic)].map(([topic, partitions]) => ({
        topic,
        partitions: partitions.map(({ partition }) => ({ partition, timestamp })),
      }));
      const { responses } = await broker.listOffsets({ replicaId: -1, isolationLevel, topics: wanted });
      for (const { topic, partitions } of responses) {
        const ofTopic = offsets.get(topic) as number[];
        for (const { partition, offset } of partitions) ofTopic[partition] = Number(offset);
      }
    }
    return offsets;
  };
  const loaderOf = (timestamp: number, isolationLevel: number): DataLoader<string, Offsets> => {
    const readOne = async (topic: string): Promise<Offsets> => {
      const { partitions } = await findOrThrow(find, topic);
      return (await list(new Map([[topic, partitions]]), timestamp, isolationLevel)).get(topic) as Offsets;
    };
    return new DataLoader(
      async (names) => {
        const known = await Promise.all(names.map(find));
        const topics = new Map(known.flatMap((found) => (found ? [[found.name, found.partitions]] : [])));
        try {
          const offsets = await list(topics, timestamp, isolationLevel);
          return names.map((name) => offsets.get(name) ?? new VigilError('TOPIC_MISSING', { detail: name }));
        } catch (error) {
          if (names.length === 1) return [error as Error];
          // A topic that cannot be read takes nothing from the others.
          return Promise.all(names.map((name) => readOne(name).catch((own: unknown) => own as Error)));
        }
      },
      { cache: false },
    );
  };
  let refreshing: Promise<void> | null = null;
  const refreshOnce = (): Promise<void> => {
    refreshing ??= link.refresh().finally(() => {
      refreshing = null;
    });
    return refreshing;
  };
  /** A leader that moved, or a topic so new that not every broker knows it, is looked for once more. */
  const withFreshLeaders =
    (loader: DataLoader<string, Offsets>) =>
    async (topic: string): Promise<Offsets> => {
      try {
        return await loader.load(topic);
      } catch (error) {
        if (error instanceof VigilError && error.code !== 'TOPIC_MISSING') throw error;
        await refreshOnce();
        return loader.load(topic);
      }
    };
  return {
    startOffsets: withFreshLeaders(loaderOf(earliest, readCommitted)),
    stableOffsets: withFreshLeaders(loaderOf(latest, readCommitted)),
    highWatermarks: withFreshLeaders(loaderOf(latest, readUncommitted)),
  };
}
