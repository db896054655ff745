import { VigilError } from '@vigil/core';
import DataLoader from 'dataloader';
import type { AdminClient, TopicDescription, TopicPartition } from '../ports/kafka-client.ts';
import type { ClusterLink } from './cluster-link.ts';
import { findOrThrow, type FindTopic } from './topic-metadata.ts';

/** Which end of a partition, and for which reader. */
interface End {
  readonly timestamp: number;
  readonly isolationLevel: number;
}

const readCommitted = 1;
const readUncommitted = 0;
const first: End = { timestamp: -2, isolationLevel: readCommitted };
const stable: End = { timestamp: -1, isolationLevel: readCommitted };
const highWatermark: End = { timestamp: -1, isolationLevel: readUncommitted };

type Offsets = readonly number[];
type Place = Pick<TopicPartition, 'topic' | 'partition'>;

/** A broker that answered, and refused: asked again it says of which topic. */
const isRefusal = (error: unknown): boolean => typeof (error as { readonly type?: unknown }).type === 'string';

export interface TopicOffsets extends Pick<AdminClient, 'startOffsets' | 'stableOffsets' | 'highWatermarks'> {
  /** Where the partitions of a topic begin, by what is known of their leaders. @throws a protocol error where one is not there to be read */
  readonly readStarts: (topic: TopicDescription) => Promise<Offsets>;
}

/**
 * Where partitions begin and end. Whoever watches the fleet asks for every topic at the same moment: that is one request
 * to each broker, not one for each topic. Once the leaders are known, a broker that does not answer holds up the topics of
 * which it leads a partition, and no others.
 */
export function createTopicOffsets(link: ClusterLink, find: FindTopic): TopicOffsets {
  let refreshing: Promise<void> | null = null;
  const refreshOnce = (): Promise<void> => {
    refreshing ??= link.refresh().finally(() => {
      refreshing = null;
    });
    return refreshing;
  };
  const readFrom = async (nodeId: number, places: readonly Place[], { timestamp, isolationLevel }: End): Promise<readonly number[]> => {
    const broker = await link.broker(nodeId);
    const topics = [...Map.groupBy(places, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
      topic,
      // A broker refuses a request that names a partition twice.
      partitions: [...new Set(ofTopic.map(({ partition }) => partition))].map((partition) => ({ partition, timestamp })),
    }));
    const { responses } = await broker.listOffsets({ replicaId: -1, isolationLevel, topics });
    const offsets = new Map(
      responses.flatMap(({ topic, partitions }) => partitions.map(({ partition, offset }) => [`${topic}-${partition}`, Number(offset)])),
    );
    return places.map(({ topic, partition }) => offsets.get(`${topic}-${partition}`) ?? 0);
  };
  /** One request for each topic: what one is refused is its own. */
  const readEach = async (nodeId: number, places: readonly Place[], end: End): Promise<readonly (number | Error)[]> => {
    const answers = new Map<Place, number | Error>();
    const readOne = async (own: readonly Place[]): Promise<void> => {
      const read = await readFrom(nodeId, own, end).catch((error: unknown) => error as Error);
      for (const [index, place] of own.entries()) answers.set(place, read instanceof Error ? read : (read[index] as number));
    };
    await Promise.all([...Map.groupBy(places, ({ topic }) => topic).values()].map(readOne));
    return places.map((place) => answers.get(place) as number | Error);
  };
  const readTogether = (nodeId: number, places: readonly Place[], end: End): Promise<readonly (number | Error)[]> =>
    readFrom(nodeId, places, end).catch((error: unknown) => {
      const isOfOne = places.every(({ topic }) => topic === places[0]?.topic);
      if (isOfOne || !isRefusal(error)) throw error;
      return readEach(nodeId, places, end);
    });
  const learn = async (topics: readonly TopicDescription[]): Promise<void> => {
    await link.withTopics(new Set(topics.map(({ name }) => name)));
    if (topics.some(({ name, partitions }) => link.partitionsOf(name) !== partitions)) await refreshOnce();
  };
  /** Loads nothing but the link's own knowledge: all topics at once, and each by itself where one is refused. */
  const leaders = new DataLoader<TopicDescription, null>(
    async (topics) => {
      try {
        await learn(topics);
        return topics.map(() => null);
      } catch (error) {
        if (topics.length === 1 || !isRefusal(error)) throw error;
        return Promise.all(
          topics.map((topic) =>
            learn([topic]).then(
              () => null,
              (own: unknown) => own as Error,
            ),
          ),
        );
      }
    },
    { cache: false },
  );
  const readerOf = (end: End): ((topic: TopicDescription) => Promise<Offsets>) => {
    const loaders = new Map<number, DataLoader<Place, number>>();
    const loaderOf = (nodeId: number): DataLoader<Place, number> => {
      const known = loaders.get(nodeId);
      if (known) return known;
      const loader = new DataLoader((places: readonly Place[]) => readTogether(nodeId, places, end), { cache: false });
      loaders.set(nodeId, loader);
      return loader;
    };
    return async (topic) => {
      await leaders.load(topic);
      const { name, partitions } = topic;
      // All are looked up before one is asked: a leader that is missing would leave answers that nobody waits for.
      const places = Array.from({ length: partitions }, (_, partition) => ({
        topic: name,
        partition,
        leader: link.leaderOf(name, partition),
      }));
      return Promise.all(places.map((place) => loaderOf(place.leader).load(place)));
    };
  };
  /** A leader that moved, or a topic so new that not every broker knows it, is looked for once more. */
  const withFreshLeaders =
    (read: (topic: TopicDescription) => Promise<Offsets>) =>
    async (topic: string): Promise<Offsets> => {
      try {
        return await read(await findOrThrow(find, topic));
      } catch (error) {
        if (error instanceof VigilError && error.code !== 'TOPIC_MISSING') throw error;
        await refreshOnce();
        return read(await findOrThrow(find, topic));
      }
    };
  const readStarts = readerOf(first);
  return {
    readStarts,
    startOffsets: withFreshLeaders(readStarts),
    stableOffsets: withFreshLeaders(readerOf(stable)),
    highWatermarks: withFreshLeaders(readerOf(highWatermark)),
  };
}
