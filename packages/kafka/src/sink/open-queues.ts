import { retryTopicOf } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import type { AdminClient } from '../ports/kafka-client.ts';
import { SinkQueue, type QueueOptions } from './sink-queue.ts';
import type { SinkSpec } from './sink-spec.ts';
import type { SinkLease, SinkTarget } from './sink-target.ts';

/** A topic that a sink reads: one of its sources, or the way back of one. */
export type SinkTopic = Omit<QueueOptions, 'lease'> & { readonly name: string };

/**
 * The topics that a sink reads: its sources and, where they exist, their retry topics.
 *
 * @throws VigilError TOPIC_MISSING, PARTITION_MISMATCH
 */
export async function findSinkTopics(spec: SinkSpec, admin: AdminClient): Promise<readonly SinkTopic[]> {
  const wanted = spec.sources.flatMap(({ topic, read }): SinkTopic[] => [
    { name: topic.name, of: topic, read, isRetry: false },
    { name: retryTopicOf(topic.name, spec.name), of: topic, read, isRetry: true },
  ]);
  const described = await admin.describeTopics(wanted.map(({ name }) => name));
  const found = new Map(described.map((description) => [description.name, description]));
  const missing = wanted.filter(({ name, isRetry }) => !isRetry && !found.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw new VigilError('TOPIC_MISSING', { detail: missing.join(', ') });
  if (new Set(described.map(({ partitions }) => partitions)).size > 1) {
    const counts = described.map(({ name, partitions }) => `${name} has ${partitions}`).join(', ');
    throw new VigilError('PARTITION_MISMATCH', { detail: counts });
  }
  return wanted.filter(({ name }) => found.has(name));
}

export interface OpenQueuesOptions {
  readonly admin: AdminClient;
  readonly target: SinkTarget;
  readonly topics: readonly SinkTopic[];
  readonly partition: number;
}

/**
 * Takes one partition number of all topics over, at the positions that the target holds.
 *
 * @throws VigilError TOPIC_RECREATED, OFFSET_OUT_OF_RANGE: refuse, never reset in silence
 */
export async function openQueues({ admin, target, topics, partition }: OpenQueuesOptions): Promise<readonly SinkQueue[]> {
  const described = new Map((await admin.describeTopics(topics.map(({ name }) => name))).map((each) => [each.name, each.topicId]));
  const offsetIn = async (offsets: Promise<readonly number[]>): Promise<number> => (await offsets)[partition] as number;
  const places = await Promise.all(topics.map(async (topic) => ({ topic, start: await offsetIn(admin.startOffsets(topic.name)) })));
  const leases = await target.acquire(
    places.map(({ topic: { name }, start }) => ({ topic: name, partition, topicId: described.get(name) ?? null, startOffset: start })),
  );
  // Asked after the acquisition: the predecessor can no longer move the position.
  const ends = await Promise.all(topics.map(({ name }) => offsetIn(admin.stableOffsets(name))));
  return places.map(({ topic, start }, index) => {
    const [lease, end] = [leases[index] as SinkLease, ends[index] as number];
    if (lease.nextOffset < start || lease.nextOffset > end) {
      const detail = `The position ${lease.nextOffset} of ${topic.name}-${partition} lies outside ${start} to ${end}.`;
      throw new VigilError('OFFSET_OUT_OF_RANGE', { detail });
    }
    return new SinkQueue({ ...topic, lease }, end);
  });
}
