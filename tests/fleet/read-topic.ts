import type { FetchedRecord, KafkaClient } from '@vigil/kafka';

export interface LoggedRecord {
  readonly partition: number;
  readonly record: FetchedRecord;
}

/** Everything a read_committed reader sees of a topic, or of it from `from` on, partition by partition, in log order. */
export async function readTopic(client: KafkaClient, topic: string, from?: readonly number[]): Promise<LoggedRecord[]> {
  const fetcher = await client.openFetcher();
  const [starts, ends] = [from ?? (await client.admin.startOffsets(topic)), await client.admin.stableOffsets(topic)];
  const found: LoggedRecord[] = [];
  try {
    for (const [partition, end] of ends.entries()) {
      let position = starts[partition] ?? 0;
      fetcher.assign({ topic, partition }, position);
      while (position < end) {
        for (const batch of await fetcher.poll(1000)) {
          found.push(...[...batch.records].map((record) => ({ partition, record })));
          position = batch.nextOffset;
        }
      }
      fetcher.unassign({ topic, partition });
    }
    return found;
  } finally {
    await fetcher.close();
  }
}
