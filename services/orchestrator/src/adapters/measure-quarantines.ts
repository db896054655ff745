import { allTopics } from '@vigil/contracts';
import type { Clock } from '@vigil/core';
import type { KafkaClient, TopicPartition } from '@vigil/kafka';

/** A dead-letter topic as it stands. */
export interface QuarantineAge {
  readonly topic: string;
  /** Since the oldest record that is still kept was quarantined; 0 = there is none. */
  readonly oldestAgeMs: number;
}

const deadLetterNames = allTopics({ chainPartitions: 1, replicationFactor: 1 }).flatMap(({ name, kind }) => (kind === 'dlq' ? [name] : []));
const placeName = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

async function unread(client: KafkaClient, topic: string): Promise<{ place: TopicPartition; start: number; end: number }[]> {
  const [starts, ends] = await Promise.all([client.admin.startOffsets(topic), client.admin.stableOffsets(topic)]);
  return starts
    .map((start, partition) => ({ place: { topic, partition }, start, end: ends[partition] ?? 0 }))
    .filter(({ start, end }) => start < end);
}

/** How old the oldest record of every quarantine is: of each partition only the first record is read. */
export async function measureQuarantines(client: KafkaClient, clock: Clock): Promise<readonly QuarantineAge[]> {
  const topics = (await client.admin.describeTopics(deadLetterNames)).map(({ name }) => name);
  const oldestMs = new Map<string, number>();
  const open = new Map<string, number>();
  const fetcher = await client.openFetcher();
  try {
    for (const topic of topics) {
      for (const { place, start, end } of await unread(client, topic)) {
        open.set(placeName(place), end);
        fetcher.assign(place, start);
      }
    }
    while (open.size > 0) {
      for (const batch of await fetcher.poll(500)) {
        const [first] = batch.records;
        if (first) oldestMs.set(batch.topic, Math.min(oldestMs.get(batch.topic) ?? Infinity, first.timestamp));
        if (!first && batch.nextOffset < (open.get(placeName(batch)) ?? 0)) continue;
        open.delete(placeName(batch));
        fetcher.unassign(batch);
      }
    }
  } finally {
    await fetcher.close();
  }
  const nowMs = clock.now();
  return topics.map((topic) => ({ topic, oldestAgeMs: Math.max(0, nowMs - (oldestMs.get(topic) ?? nowMs)) }));
}
