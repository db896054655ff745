import { allTopics, type ClusterShape, type TopicSpec } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import type { AdminClient } from '@vigil/kafka';

export interface AppliedTopics {
  readonly created: readonly string[];
  readonly existing: number;
}

/** A local cluster of one broker: no copies, which `topics apply` says. */
export const localShape: ClusterShape = { chainPartitions: 4, replicationFactor: 1 };

function refuseOtherCounts(wanted: readonly TopicSpec[], found: ReadonlyMap<string, number>): void {
  const wrong = wanted.filter(({ name, partitions }) => found.get(name) !== undefined && found.get(name) !== partitions);
  if (wrong.length === 0) return;
  const detail = wrong.map(({ name, partitions }) => `${name} has ${found.get(name)} partitions, not ${partitions}`).join('; ');
  throw new VigilError('PARTITION_MISMATCH', { detail: `${detail}.` });
}

const partitionCounts = async (admin: AdminClient, topics: readonly TopicSpec[]): Promise<Map<string, number>> =>
  new Map((await admin.describeTopics(topics.map(({ name }) => name))).map(({ name, partitions }) => [name, partitions]));

/**
 * Creates every topic of the fleet that is missing; what exists is left as it is.
 *
 * @param wanted  other topics than those of the fleet
 * @throws VigilError PARTITION_MISMATCH where an existing topic has another partition count: keys would change their partition
 */
export async function applyTopics(admin: AdminClient, shape: ClusterShape, wanted = allTopics(shape)): Promise<AppliedTopics> {
  refuseOtherCounts(wanted, await partitionCounts(admin, wanted));
  const created = await admin.createTopics(
    wanted.map(({ name, partitions, replicationFactor, config }) => ({ name, partitions, replicationFactor, config })),
  );
  return { created, existing: wanted.length - created.length };
}

export interface ListedTopic {
  readonly name: string;
  readonly kind: TopicSpec['kind'];
  readonly phi: boolean | null;
  /** Null = the topic does not exist yet. */
  readonly partitions: number | null;
}

/** Every topic of the catalogue, with what the broker has of it. */
export async function listTopics(admin: AdminClient): Promise<ListedTopic[]> {
  const catalogue = allTopics(localShape);
  const found = await partitionCounts(admin, catalogue);
  return catalogue.map(({ name, kind, topic }) => ({ name, kind, phi: topic?.phi ?? null, partitions: found.get(name) ?? null }));
}
