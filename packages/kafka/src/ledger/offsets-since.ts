import type { Fetcher, KafkaClient, TopicPartition } from '../ports/kafka-client.ts';

/** The first record at or after `offset` that a reader sees; null = none before `end`. */
async function firstFrom(
  fetcher: Fetcher,
  place: TopicPartition,
  { offset, end }: { offset: number; end: number },
): Promise<number | null> {
  fetcher.assign(place, offset);
  try {
    for (;;) {
      for (const { records, nextOffset } of await fetcher.poll(500)) {
        const first = records.at(0);
        if (first) return first.timestamp;
        if (nextOffset >= end) return null;
      }
    }
  } finally {
    fetcher.unassign(place);
  }
}

export interface SinceOptions {
  /** Timestamps of one partition come from several producers: so much is taken off. */
  readonly slackMs?: number;
  /** So many records too many are read rather than looked for with another fetch. */
  readonly nearEnough?: number;
}

/**
 * Per partition an offset before which every record is older than `sinceMs`, found by halving: a few fetches instead of
 * the whole topic.
 */
export async function offsetsSince(
  client: KafkaClient,
  topic: string,
  sinceMs: number,
  { slackMs = 60_000, nearEnough = 1000 }: SinceOptions = {},
): Promise<readonly number[]> {
  const [starts, ends] = await Promise.all([client.admin.startOffsets(topic), client.admin.stableOffsets(topic)]);
  const search = async (partition: number, end: number): Promise<number> => {
    let low = starts[partition] ?? 0;
    if (end - low <= nearEnough) return low;
    const fetcher = await client.openFetcher();
    try {
      for (let high = end; high - low > nearEnough;) {
        const middle = Math.floor((low + high) / 2);
        const timestamp = await firstFrom(fetcher, { topic, partition }, { offset: middle, end });
        if (timestamp !== null && timestamp < sinceMs - slackMs) low = middle + 1;
        else high = middle;
      }
    } finally {
      await fetcher.close();
    }
    return low;
  };
  return Promise.all(ends.map((end, partition) => search(partition, end)));
}
