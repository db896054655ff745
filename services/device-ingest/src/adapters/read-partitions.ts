import { VigilError } from '@vigil/core';
import type { AdminClient } from '@vigil/kafka';

/**
 * The partition counts of topics, asked once: they are fixed at creation.
 * @throws VigilError TOPIC_MISSING
 */
export async function readPartitions(admin: AdminClient, names: readonly string[]): Promise<(topic: string) => number> {
  const counts = new Map((await admin.describeTopics(names)).map(({ name, partitions }) => [name, partitions]));
  const missing = names.filter((name) => !counts.has(name));
  if (missing.length > 0) throw new VigilError('TOPIC_MISSING', { detail: missing.join(', ') });
  return (topic) => {
    const partitions = counts.get(topic);
    if (partitions === undefined) throw new VigilError('TOPIC_MISSING', { detail: topic });
    return partitions;
  };
}
