import type { FetchedRecord, KafkaClient } from '@vigil/kafka';
import { VigilError } from '@vigil/core';

/** A dead-letter topic as the broker has it now. */
export interface QueueIdentity {
  readonly topic: string;
  /** Tells a topic apart from a later one of the same name; empty where the broker does not say. */
  readonly topicId: string;
  readonly partitions: number;
}

/** @throws VigilError TOPIC_MISSING */
export async function identifyQueue({ admin }: KafkaClient, topic: string): Promise<QueueIdentity> {
  const [described] = await admin.describeTopics([topic]);
  if (!described) throw new VigilError('TOPIC_MISSING', { detail: topic });
  return { topic, topicId: described.topicId ?? '', partitions: described.partitions };
}

/** What one fetch gave of one partition, in log order. */
export type OnRecords = (partition: number, records: readonly FetchedRecord[]) => Promise<void> | void;

/**
 * Where a topic ends: before the oldest open transaction, or behind everything that is written by now. The latter waits until
 * open transactions are decided: what was committed behind one shows only then.
 */
export type QueueEnd = 'stable' | 'written';

/**
 * Reads a topic from its start to its end of this moment, a fetch at a time, and waits for `onRecords` before the next:
 * however much there is, only one fetch is held.
 */
export async function walkQueue(
  client: KafkaClient,
  { topic, partitions }: QueueIdentity,
  onRecords: OnRecords,
  upTo: QueueEnd = 'stable',
): Promise<void> {
  const starts = await client.admin.startOffsets(topic);
  const ends: (number | undefined)[] = upTo === 'stable' ? [...(await client.admin.stableOffsets(topic))] : [];
  const open = new Set<number>();
  const fetcher = await client.openFetcher();
  try {
    for (let partition = 0; partition < partitions; partition++) {
      const start = starts[partition] as number;
      if (start >= (ends[partition] ?? Infinity)) continue;
      open.add(partition);
      fetcher.assign({ topic, partition }, start);
    }
    while (open.size > 0) {
      for (const batch of await fetcher.poll(500)) {
        const end = (ends[batch.partition] ??= batch.highWatermark);
        const records = [...batch.records].filter(({ offset }) => offset < end);
        if (records.length > 0) await onRecords(batch.partition, records);
        if (batch.nextOffset < end) continue;
        open.delete(batch.partition);
        fetcher.unassign(batch);
      }
    }
  } finally {
    await fetcher.close();
  }
}
