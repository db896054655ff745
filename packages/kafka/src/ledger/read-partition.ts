import type { FetchedRecord, KafkaClient, TopicPartition } from '../ports/kafka-client.ts';

/** A stretch of a partition: from `from`, before `end`. */
export interface Stretch extends TopicPartition {
  readonly from: number;
  readonly end: number;
}

/** Reads what a read_committed reader sees of a stretch, in log order, until `onRecord` answers `enough`; only one fetch is held at a time. */
export async function readStretch(
  client: KafkaClient,
  stretch: Stretch,
  onRecord: (record: FetchedRecord) => 'enough' | void,
): Promise<void> {
  const { topic, partition, from, end } = stretch;
  if (from >= end) return;
  const fetcher = await client.openFetcher();
  try {
    fetcher.assign({ topic, partition }, from);
    for (let reached = from; reached < end;) {
      for (const { records, nextOffset } of await fetcher.poll(500)) {
        for (const record of records) if (record.offset < end && onRecord(record) === 'enough') return;
        reached = nextOffset;
      }
    }
  } finally {
    await fetcher.close();
  }
}
