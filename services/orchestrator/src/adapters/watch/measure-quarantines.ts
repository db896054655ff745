import { allTopics } from '@vigil/contracts';
import type { Clock } from '@vigil/core';
import { readStretch, type KafkaClient, type TopicPartition } from '@vigil/kafka';
import type { SettledEntries } from '@vigil/postgres';

/** A dead-letter topic as it stands. */
export interface QuarantineAge {
  readonly topic: string;
  /** Since the oldest record that nobody sent back or discarded was quarantined; 0 = there is none. */
  readonly oldestAgeMs: number;
}

export interface QuarantineMeasure {
  readonly measure: () => Promise<readonly QuarantineAge[]>;
}

export interface QuarantineSources {
  readonly client: KafkaClient;
  readonly settled: Pick<SettledEntries, 'read'>;
  readonly clock: Clock;
}

const deadLetterNames = allTopics({ chainPartitions: 1, replicationFactor: 1 }).flatMap(({ name, kind }) => (kind === 'dlq' ? [name] : []));

/**
 * How old the oldest open record of every quarantine is. What was settled stays settled: of each partition the next look begins
 * where this one found the first open record.
 */
export function createQuarantineMeasure({ client, settled, clock }: QuarantineSources): QuarantineMeasure {
  const openFrom = new Map<string, number>();

  /** When the first open record of a partition was quarantined; null = none is open. */
  const oldestOpenMs = async (
    { topic, partition }: TopicPartition,
    { from, end, settledOffsets }: { readonly from: number; readonly end: number; readonly settledOffsets: ReadonlySet<number> },
  ): Promise<{ readonly at: number; readonly timestamp: number | null }> => {
    let at = end;
    let oldest: number | null = null;
    await readStretch(client, { topic, partition, from, end }, ({ offset, timestamp }) => {
      if (settledOffsets.has(offset)) return undefined;
      at = offset;
      oldest = timestamp;
      return 'enough';
    });
    return { at, timestamp: oldest };
  };
  const measureTopic = async (topic: string, topicId: string): Promise<QuarantineAge> => {
    const [starts, ends] = await Promise.all([client.admin.startOffsets(topic), client.admin.stableOffsets(topic)]);
    const nameOf = (partition: number): string => `${topicId}/${partition}`;
    const from = starts.map((start, partition) => Math.max(start, openFrom.get(nameOf(partition)) ?? 0));
    const settledOffsets = await settled.read({ topic, topicId }, from);
    const times: number[] = [];
    for (const [partition, end] of ends.entries()) {
      const begin = from[partition] ?? 0;
      if (begin >= end) continue;
      const known = { from: begin, end, settledOffsets: settledOffsets.get(partition) ?? new Set<number>() };
      const { at, timestamp } = await oldestOpenMs({ topic, partition }, known);
      openFrom.set(nameOf(partition), at);
      if (timestamp !== null) times.push(timestamp);
    }
    const nowMs = clock.now();
    return { topic, oldestAgeMs: Math.max(0, nowMs - Math.min(nowMs, ...times)) };
  };
  return {
    measure: async () => {
      const ages: QuarantineAge[] = [];
      for (const { name, topicId } of await client.admin.describeTopics(deadLetterNames))
        ages.push(await measureTopic(name, topicId ?? ''));
      return ages;
    },
  };
}
