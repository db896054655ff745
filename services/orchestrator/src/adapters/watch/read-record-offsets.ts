import { classifyError } from '@vigil/core';
import type { KafkaClient } from '@vigil/kafka';
import type { AccountedStretch } from '../../domain/watch/audit-commits.ts';

/** A stretch with the offsets at which records stand: markers and aborted records are none. */
export interface ReadStretch {
  readonly stretch: AccountedStretch;
  /** Null where the log no longer holds the stretch, or is another one by now. */
  readonly offsets: readonly number[] | null;
}

/** So much of one partition at one look: the rest at the next ones. */
const mostOffsets = 200_000;

const nameOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string => `${topic}/${partition}`;

/** Whether the log holds the whole stretch: retention may have come first, or the topic was made anew. */
async function areHeld(client: KafkaClient, stretches: readonly AccountedStretch[]): Promise<readonly boolean[]> {
  const bounds = new Map<string, { readonly starts: readonly number[]; readonly ends: readonly number[] }>();
  for (const topic of new Set(stretches.map((stretch) => stretch.topic))) {
    const [starts, ends] = await Promise.all([client.admin.startOffsets(topic), client.admin.stableOffsets(topic)]);
    bounds.set(topic, { starts, ends });
  }
  return stretches.map(({ topic, partition, from, end }) => {
    const { starts = [], ends = [] } = bounds.get(topic) ?? {};
    return from >= (starts[partition] ?? Infinity) && end <= (ends[partition] ?? -1);
  });
}

/** Reads where records stand, of all stretches side by side; keys and values are not looked at. */
export async function readRecordOffsets(client: KafkaClient, wanted: readonly AccountedStretch[]): Promise<readonly ReadStretch[]> {
  const clipped = wanted.map((stretch) => ({ ...stretch, end: Math.min(stretch.end, stretch.from + mostOffsets) }));
  const held = await areHeld(client, clipped);
  const gone = clipped.filter((_, at) => held[at] === false).map((stretch) => ({ stretch, offsets: null }));
  const stretches = clipped.filter((_, at) => held[at] === true);
  if (stretches.length === 0) return gone;
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
  } catch (error) {
    // Retention came between the look at the bounds and the reading.
    if (classifyError(error).code !== 'OFFSET_OUT_OF_RANGE') throw error;
    return [...gone, ...stretches.map((stretch) => ({ stretch, offsets: null }))];
  } finally {
    await fetcher.close();
  }
  return [...gone, ...found];
}
