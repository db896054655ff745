import type { FetchedRecord, KafkaClient, TopicPartition } from '../ports/kafka-client.ts';

const pollMs = 500;
/** Markers and aborted records take up offsets: it is looked this far back at first, then twice as far each time. */
const firstLook = 500;

export interface LastRecordRange extends TopicPartition {
  readonly from: number;
  readonly end: number;
}

async function lastBetween(client: KafkaClient, { topic, partition, from, end }: LastRecordRange): Promise<FetchedRecord | null> {
  let last: FetchedRecord | null = null;
  const fetcher = await client.openFetcher();
  try {
    fetcher.assign({ topic, partition }, from);
    for (let position = from; position < end;) {
      for (const { records, nextOffset } of await fetcher.poll(pollMs)) {
        for (const record of records) if (record.offset < end) last = record;
        position = nextOffset;
      }
    }
    return last;
  } finally {
    await fetcher.close();
  }
}

/** The last committed record of a stretch of a partition; null = none stands there. */
export async function lastRecord(client: KafkaClient, range: LastRecordRange): Promise<FetchedRecord | null> {
  for (let look = firstLook; ; look *= 2) {
    const from = Math.max(range.from, range.end - look);
    if (from >= range.end) return null;
    const found = await lastBetween(client, { ...range, from });
    if (found !== null || from === range.from) return found;
  }
}
