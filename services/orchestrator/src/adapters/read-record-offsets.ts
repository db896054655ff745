import type { KafkaClient } from '@vigil/kafka';
import type { AccountedStretch } from '../domain/audit-commits.ts';

/** A stretch with the offsets at which records stand: markers and aborted records are none. */
export interface ReadStretch {
  readonly stretch: AccountedStretch;
  readonly offsets: readonly number[];
}

/** So much of one partition at one look: the rest at the next ones. */
const mostOffsets = 200_000;

const nameOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string => `${topic}/${partition}`;

/** Reads where records stand, of all stretches side by side; keys and values are not looked at. */
export async function readRecordOffsets(client: KafkaClient, wanted: readonly AccountedStretch[]): Promise<readonly ReadStretch[]> {
  const stretches = wanted.map((stretch) => ({ ...stretch, end: Math.min(stretch.end, stretch.from + mostOffsets) }));
  if (stretches.length === 0) return [];
  const found = stretches.map((stretch) => ({ stretch, offsets: [] as number[] }));
  const open = new Map(found.map((one) => [nameOf(one.stretch), one]));
  const fetcher = await client.openFetcher();
  try {
    for (const { topic, partition, from } of stretches) fetcher.assign({ topic, partition }, from);
    while (open.size > 0) {
      for (const batch of await fetcher.poll(500)) {
        const one = open.get(nameOf(batch));
        if (!one) continue;
        for (const { offset } of batch.records) if (offset >= one.stretch.from && offset < one.stretch.end) one.offsets.push(offset);
        if (batch.nextOffset < one.stretch.end) continue;
        open.delete(nameOf(batch));
        fetcher.unassign(batch);
      }
    }
  } finally {
    await fetcher.close();
  }
  return found;
}
