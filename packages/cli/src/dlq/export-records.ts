import { open, rm } from 'node:fs/promises';
import { VigilError } from '@vigil/core';
import type { KafkaClient } from '@vigil/kafka';
import { matches, type EntryFilter } from './entry-filter.ts';
import type { EntryStates } from './request-store.ts';
import type { PresentValue } from './present-value.ts';
import { entryOf } from './quarantine-entry.ts';
import { placeName, type EntryPlace } from './select-entries.ts';
import { presentRecord } from './show-records.ts';
import { walkQueue, type QueueIdentity } from './walk-queue.ts';

export interface ExportOptions {
  readonly client: KafkaClient;
  readonly queue: QueueIdentity;
  readonly filter: EntryFilter;
  readonly states: EntryStates;
  readonly present: PresentValue;
  /** Must not exist yet. */
  readonly file: string;
  /** Called with every record's place before the first value is written: where it throws nothing is, and no file stays. */
  readonly beforeWriting: (places: readonly EntryPlace[]) => Promise<void>;
}

/** Counted first, so that what is recorded beforehand is what is written. */
async function placesIn({ client, queue, filter }: ExportOptions): Promise<EntryPlace[]> {
  const places: EntryPlace[] = [];
  await walkQueue(client, queue, (partition, records) => {
    for (const record of records) if (matches(filter, entryOf(partition, record))) places.push({ partition, offset: record.offset });
  });
  return places;
}

/**
 * Writes the matching records to a file that only its owner can read, one JSON document a line.
 *
 * @returns how many
 * @throws VigilError DISK_UNWRITABLE, also where the file exists
 */
export async function exportRecords(options: ExportOptions): Promise<number> {
  const { client, queue, states, present, file, beforeWriting } = options;
  const places = await placesIn(options);
  const wanted = new Set(places.map(placeName));
  const output = await open(file, 'wx', 0o600).catch((cause: unknown) => {
    throw new VigilError('DISK_UNWRITABLE', { detail: `${file} exists already or its directory cannot be written.`, cause });
  });
  try {
    await beforeWriting(places);
    await walkQueue(client, queue, async (partition, records) => {
      const lines: string[] = [];
      for (const record of records) {
        const entry = entryOf(partition, record);
        if (!wanted.has(placeName(entry))) continue;
        lines.push(`${JSON.stringify(await presentRecord({ entry, record }, states.get(placeName(entry)) ?? 'open', present))}\n`);
      }
      await output.write(lines.join(''));
    });
  } catch (error) {
    // Empty or cut off it would look like an export, and be in the way of the next one.
    await rm(file, { force: true });
    throw error;
  } finally {
    await output.close();
  }
  return places.length;
}
