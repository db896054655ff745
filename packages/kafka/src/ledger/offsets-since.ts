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
        if (records[0]) return records[0].timestamp;
        if (nextOffset >= end) return null;
      }
    }
  } finally {
    fetcher.unassign(place);
  }
}

/**
 * Per partition an offset before which every record is older than `sinceMs`, found by halving: a few fetches instead of
 * the whole topic. Timestamps of one partition come from several producers, so `slackMs` is taken off.
 */
export async function offsetsSince(client: KafkaClient, topic: string, sinceMs: number, slackMs = 60_000): Promise<readonly number[]> {
  const [starts, ends] = await Promise.all([client.admin.startOffsets(topic), client.admin.stableOffsets(topic)]);
  const fetcher = await client.openFetcher();
  const offsets: number[] = [];
  try {
    for (const [partition, end] of ends.entries()) {
      let low = starts[partition] ?? 0;
      let high = end;
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        const timestamp = await firstFrom(fetcher, { topic, partition }, { offset: middle, end });
        if (timestamp !== null && timestamp < sinceMs - slackMs) low = middle + 1;
        else high = middle;
      }
      offsets.push(low);
    }
  } finally {
    await fetcher.close();
  }
  return offsets;
}
