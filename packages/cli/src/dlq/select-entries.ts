import { createHash } from 'node:crypto';
import { VigilError } from '@vigil/core';
import type { FetchedRecord, KafkaClient } from '@vigil/kafka';
import { matches, type EntryFilter } from './entry-filter.ts';
import { entryOf } from './quarantine-entry.ts';
import { walkQueue, type QueueIdentity } from './walk-queue.ts';

/** Place of a record in its dead-letter topic. */
export interface EntryPlace {
  readonly partition: number;
  readonly offset: number;
}

/** Records chosen by a filter, as they were when they were chosen. */
export interface Selection {
  readonly entries: readonly EntryPlace[];
  /** Over place, key and value of every record: what is approved is what was asked for. */
  readonly hash: string;
  readonly codes: Readonly<Record<string, number>>;
  /** Matching records that were requeued, discarded or claimed before. */
  readonly taken: number;
  /** Matching records whose headers do not say where they come from. */
  readonly withoutOrigin: number;
}

export interface SelectOptions {
  readonly client: KafkaClient;
  readonly queue: QueueIdentity;
  readonly filter: EntryFilter;
  /** Whether a record is claimed by a request. */
  readonly isTaken: (place: EntryPlace) => boolean;
  /** A discard needs no way back. */
  readonly needsOrigin: boolean;
}

/** One request holds at most so many: larger repairs are several requests, by time or code. */
export const mostRecords = 100_000;

/** Identity and bytes of one record. */
export function digestOf(partition: number, { offset, key, value }: FetchedRecord): string {
  const hash = createHash('sha256').update(`${partition}/${offset}/${key?.length ?? -1}/${value?.length ?? -1}/`);
  if (key !== null) hash.update(key);
  if (value !== null) hash.update(value);
  return hash.digest('hex');
}

/** One hash over the records' digests, whatever order they were read in. */
export function hashOf(digests: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const place of [...digests.keys()].sort()) hash.update(digests.get(place) as string);
  return hash.digest('hex');
}

export const placeName = ({ partition, offset }: EntryPlace): string => `${partition}/${offset}`;

/** @throws VigilError BAD_USAGE where there are more than one request may hold */
export async function selectEntries({ client, queue, filter, isTaken, needsOrigin }: SelectOptions): Promise<Selection> {
  const entries: EntryPlace[] = [];
  const digests = new Map<string, string>();
  const codes: Record<string, number> = {};
  let taken = 0;
  let withoutOrigin = 0;
  await walkQueue(client, queue, (partition, records) => {
    for (const record of records) {
      const entry = entryOf(partition, record);
      if (!matches(filter, entry)) continue;
      const place = { partition, offset: record.offset };
      if (isTaken(place)) taken++;
      else if (needsOrigin && entry.origin === null) withoutOrigin++;
      else {
        entries.push(place);
        digests.set(placeName(place), digestOf(partition, record));
        codes[entry.code ?? 'UNKNOWN'] = (codes[entry.code ?? 'UNKNOWN'] ?? 0) + 1;
      }
    }
    if (entries.length > mostRecords)
      throw new VigilError('BAD_USAGE', { detail: `More than ${mostRecords} records match; narrow the filter.` });
  });
  return { entries, hash: hashOf(digests), codes, taken, withoutOrigin };
}
