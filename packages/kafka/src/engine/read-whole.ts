import type { FetchedRecord, FetchedRecords, KafkaClient, TopicPartition } from '../ports/kafka-client.ts';

export interface ReadBatchesOptions {
  readonly client: KafkaClient;
  readonly places: readonly TopicPartition[];
  /** Called in log order per partition. */
  readonly onRecords: (place: TopicPartition, records: FetchedRecords) => void;
  /** Waited for before the records of a batch are handed over: makes their schemas known. */
  readonly prepare?: (records: FetchedRecords) => Promise<void>;
  readonly pollMs: number;
}

export interface ReadWholeOptions extends Omit<ReadBatchesOptions, 'onRecords'> {
  /** Called in log order per partition. */
  readonly onRecord: (place: TopicPartition, record: FetchedRecord) => void;
}

export interface ReadPosition extends TopicPartition {
  readonly position: number;
}

const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

interface Bounds {
  readonly start: number;
  readonly end: number;
}

async function boundsOf(client: KafkaClient, places: readonly TopicPartition[]) {
  const bounds = new Map<string, Bounds>();
  for (const topic of new Set(places.map((place) => place.topic))) {
    const starts = await client.admin.startOffsets(topic);
    const ends = await client.admin.stableOffsets(topic);
    for (const [partition, end] of ends.entries()) bounds.set(placeOf({ topic, partition }), { start: starts[partition] as number, end });
  }
  return bounds;
}

/** Reads partitions from their start to the last stable offset of this moment. Returns where each was read to. */
export const readWhole = ({ onRecord, ...options }: ReadWholeOptions): Promise<readonly ReadPosition[]> =>
  readBatches({
    ...options,
    onRecords(place, records) {
      for (const record of records) onRecord(place, record);
    },
  });

/** The same, a batch at a time. */
export async function readBatches({ client, places, onRecords, prepare, pollMs }: ReadBatchesOptions): Promise<readonly ReadPosition[]> {
  const bounds = await boundsOf(client, places);
  const reached = new Map<string, ReadPosition>();
  const open = new Map<string, number>();
  for (const place of places) {
    const { start, end } = bounds.get(placeOf(place)) as Bounds;
    reached.set(placeOf(place), { ...place, position: start });
    if (start < end) open.set(placeOf(place), end);
  }
  if (open.size === 0) return [...reached.values()];

  const fetcher = await client.openFetcher();
  try {
    for (const [name, { topic, partition, position }] of reached) if (open.has(name)) fetcher.assign({ topic, partition }, position);
    while (open.size > 0) {
      for (const batch of await fetcher.poll(pollMs)) {
        const name = placeOf(batch);
        const end = open.get(name) as number;
        await prepare?.(batch.records);
        onRecords(batch, batch.records);
        reached.set(name, { topic: batch.topic, partition: batch.partition, position: batch.nextOffset });
        if (batch.nextOffset < end) continue;
        open.delete(name);
        fetcher.unassign(batch);
      }
    }
  } finally {
    await fetcher.close();
  }
  return [...reached.values()];
}
