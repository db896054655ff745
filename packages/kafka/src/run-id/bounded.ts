import type { FetchedBatch, Fetcher, KafkaClient, TopicPartition } from '../ports/kafka-client.ts';

/** Ends of topics, exclusive, by partition. */
export type RunEnds = Readonly<Record<string, readonly number[]>>;

const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

/** What a reader sees of a partition that ends at `end`. */
const cut = (batch: FetchedBatch, end: number): FetchedBatch => ({
  ...batch,
  records: [...batch.records].filter(({ offset }) => offset < end),
  nextOffset: Math.max(batch.position, Math.min(batch.nextOffset, end)),
  lastStableOffset: Math.min(batch.lastStableOffset, end),
  highWatermark: Math.min(batch.highWatermark, end),
});

function boundFetcher(fetcher: Fetcher, ends: RunEnds): Fetcher {
  const endOf = ({ topic, partition }: TopicPartition): number => ends[topic]?.[partition] ?? Infinity;
  /** Partitions that were read to their end: no longer fetched, and still told as caught up, so that time goes on for them. */
  const ended = new Map<string, FetchedBatch>();
  const paused = new Set<string>();
  const end = (place: TopicPartition): void => {
    const { topic, partition } = place;
    const at = endOf(place);
    fetcher.pause({ topic, partition });
    ended.set(placeOf(place), { topic, partition, position: at, records: [], nextOffset: at, lastStableOffset: at, highWatermark: at });
  };
  return {
    ...fetcher,
    assign(place, offset) {
      ended.delete(placeOf(place));
      paused.delete(placeOf(place));
      fetcher.assign(place, offset);
      if (offset >= endOf(place)) end(place);
    },
    unassign(place) {
      ended.delete(placeOf(place));
      fetcher.unassign(place);
    },
    pause(place) {
      paused.add(placeOf(place));
      fetcher.pause(place);
    },
    resume(place) {
      paused.delete(placeOf(place));
      if (!ended.has(placeOf(place))) fetcher.resume(place);
    },
    async poll(maxWaitMs) {
      const reached = [...ended].filter(([name]) => !paused.has(name)).map(([, batch]) => batch);
      const fetched = (await fetcher.poll(maxWaitMs)).filter((batch) => !ended.has(placeOf(batch)));
      for (const batch of fetched) if (batch.nextOffset >= endOf(batch)) end(batch);
      return [...fetched.map((batch) => cut(batch, endOf(batch))), ...reached.filter((batch) => ended.has(placeOf(batch)))];
    },
  };
}

/** A client for which topics end where `ends` says, however much is written behind. */
export const bounded = (client: KafkaClient, ends: RunEnds): KafkaClient => ({
  ...client,
  admin: {
    ...client.admin,
    stableOffsets: async (topic) =>
      (await client.admin.stableOffsets(topic)).map((offset, partition) => Math.min(offset, ends[topic]?.[partition] ?? offset)),
  },
  openFetcher: async () => boundFetcher(await client.openFetcher(), ends),
});
