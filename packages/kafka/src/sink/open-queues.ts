import { retryTopicOf } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import type { AdminClient, TopicDescription } from '../ports/kafka-client.ts';
import { SinkQueue, type QueueOptions } from './sink-queue.ts';
import type { SinkSpec } from './sink-spec.ts';
import type { PositionRequest, SinkTarget } from './sink-target.ts';

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
  const descriptions = await admin.describeTopics(topics.map(({ name }) => name));
  const starts = await offsetsOf(topics, partition, (topic) => admin.startOffsets(topic));
  const leases = await target.acquire(topics.map(({ name }) => requestOf(name, partition, descriptions, starts.get(name) ?? 0)));
  // Asked after the acquisition: the predecessor can no longer move the position.
  const ends = await offsetsOf(topics, partition, (topic) => admin.stableOffsets(topic));
  return topics.map((topic, index) => {
    const lease = leases[index];
    const start = starts.get(topic.name) ?? 0;
    const end = ends.get(topic.name) ?? 0;
    if (!lease) throw new VigilError('FENCED', { detail: `${topic.name}-${partition} was not acquired.` });
    if (lease.nextOffset < start || lease.nextOffset > end) {
      const detail = `The position ${lease.nextOffset} of ${topic.name}-${partition} lies outside ${start} to ${end}.`;
      throw new VigilError('OFFSET_OUT_OF_RANGE', { detail });
    }
    return new SinkQueue({ ...topic, lease }, end);
  });
}

const requestOf = (topic: string, partition: number, descriptions: readonly TopicDescription[], startOffset: number): PositionRequest => ({
  topic,
  partition,
  topicId: descriptions.find(({ name }) => name === topic)?.topicId ?? null,
  startOffset,
});

async function offsetsOf(
  topics: readonly SinkTopic[],
  partition: number,
  read: (topic: string) => Promise<readonly number[]>,
): Promise<ReadonlyMap<string, number>> {
  const offsets = await Promise.all(topics.map(({ name }) => read(name)));
  return new Map(topics.map(({ name }, index) => [name, offsets[index]?.[partition] ?? 0]));
}
