import type { FetchedRecord, KafkaClient } from '@vigil/kafka';
import { matches, type EntryFilter } from './entry-filter.ts';
import type { StateName, StatesOf } from './list-queues.ts';
import type { PresentValue } from './present-value.ts';
import { entryOf, type QuarantineEntry } from './quarantine-entry.ts';
import { placeName } from './select-entries.ts';
import { walkQueue, type QueueIdentity } from './walk-queue.ts';

export interface QuarantinedRecord extends QuarantineEntry {
  /** Null where the requests cannot be asked. */
  readonly state: StateName | null;
  readonly value: unknown;
}

export interface ShowOptions {
  readonly client: KafkaClient;
  readonly topic: string;
  /** The newest so many of them. */
  readonly limit: number;
  readonly present: PresentValue;
  readonly statesOf: StatesOf;
  readonly filter?: EntryFilter;
}

interface Kept {
  readonly entry: QuarantineEntry;
  readonly record: FetchedRecord;
}

const inOrder = ({ entry: a }: Kept, { entry: b }: Kept): number =>
  a.timestamp - b.timestamp || a.partition - b.partition || a.offset - b.offset;

/** Keeps the newest; twice as many are held before the older half is let go. */
function keepNewest(kept: Kept[], limit: number): void {
  if (kept.length < limit * 2) return;
  kept.sort(inOrder);
  kept.splice(0, kept.length - limit);
}

/** How one quarantined record is told. */
export const presentRecord = async (
  { entry, record }: Kept,
  state: StateName | null,
  present: PresentValue,
): Promise<QuarantinedRecord> => ({ ...entry, state, value: await present(record.value) });

/** The newest quarantined records of one queue, oldest of them first. */
export async function showRecords({ client, topic, limit, present, statesOf, filter = {} }: ShowOptions): Promise<QuarantinedRecord[]> {
  const [described] = await client.admin.describeTopics([topic]);
  if (!described) return [];
  const queue: QueueIdentity = { topic, topicId: described.topicId ?? '', partitions: described.partitions };
  const states = await statesOf(queue);
  const kept: Kept[] = [];
  await walkQueue(client, queue, (partition, records) => {
    for (const record of records) {
      const entry = entryOf(partition, record);
      if (matches(filter, entry)) kept.push({ entry, record });
      keepNewest(kept, limit);
    }
  });
  const shown: QuarantinedRecord[] = [];
  for (const each of kept.sort(inOrder).slice(-limit)) {
    shown.push(await presentRecord(each, states === null ? null : (states.get(placeName(each.entry)) ?? 'open'), present));
  }
  return shown;
}
