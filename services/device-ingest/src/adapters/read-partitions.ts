import { VigilError } from '@vigil/core';
import type { AdminClient, EngineClock } from '@vigil/kafka';

/** A topic that was just created is known to the broker a moment later. */
const waits = { everyMs: 500, times: 10 } as const;

const countsOf = async (admin: AdminClient, names: readonly string[]): Promise<ReadonlyMap<string, number>> =>
  new Map((await admin.describeTopics(names)).map(({ name, partitions }) => [name, partitions]));

/**
 * The partition counts of topics, asked once they all exist: they are fixed at creation.
 * @throws VigilError TOPIC_MISSING that names each that is not there after five seconds
 */
export async function readPartitions(admin: AdminClient, names: readonly string[], clock: EngineClock): Promise<(topic: string) => number> {
  let counts = await countsOf(admin, names);
  const missing = (): string[] => names.filter((name) => !counts.has(name));
  for (let wait = 0; wait < waits.times && missing().length > 0; wait++) {
    await new Promise<void>((resolve) => void clock.after(waits.everyMs, resolve));
    counts = await countsOf(admin, names);
  }
  if (missing().length > 0) throw new VigilError('TOPIC_MISSING', { detail: missing().join(', ') });
  return (topic) => {
    const partitions = counts.get(topic);
    if (partitions === undefined) throw new VigilError('TOPIC_MISSING', { detail: topic });
    return partitions;
  };
}
