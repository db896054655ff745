import {
  headerNames,
  originFromHeaders,
  readWhole,
  textHeader,
  type FetchedRecord,
  type KafkaClient,
  type RecordOrigin,
} from '@vigil/kafka';
import type { PresentValue } from './present-value.ts';

export interface QuarantinedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly code: string | null;
  readonly stage: string | null;
  /** How often the record was quarantined, this time included. */
  readonly attempt: number;
  /** Null where the headers do not tell. */
  readonly origin: RecordOrigin | null;
  readonly value: unknown;
}

export interface ShowOptions {
  readonly topic: string;
  /** The newest so many of them. */
  readonly limit: number;
  readonly present: PresentValue;
}

interface Kept {
  readonly partition: number;
  readonly record: FetchedRecord;
}

const inOrder = (a: Kept, b: Kept): number =>
  a.record.timestamp - b.record.timestamp || a.partition - b.partition || a.record.offset - b.record.offset;

/** Keeps the newest; twice as many are held before the older half is let go. */
function keepNewest(kept: Kept[], limit: number): void {
  if (kept.length < limit * 2) return;
  kept.sort(inOrder);
  kept.splice(0, kept.length - limit);
}

/** The newest quarantined records of one queue, oldest of them first. */
export async function showRecords(client: KafkaClient, { topic, limit, present }: ShowOptions): Promise<QuarantinedRecord[]> {
  const [described] = await client.admin.describeTopics([topic]);
  const places = Array.from({ length: described?.partitions ?? 0 }, (_, partition) => ({ topic, partition }));
  const kept: Kept[] = [];
  await readWhole({
    client,
    places,
    pollMs: 500,
    onRecord: ({ partition }, record) => {
      kept.push({ partition, record });
      keepNewest(kept, limit);
    },
  });
  const records: QuarantinedRecord[] = [];
  for (const { partition, record } of kept.sort(inOrder).slice(-limit)) {
    const headers = record.headers();
    records.push({
      partition,
      offset: record.offset,
      code: textHeader(headers, headerNames.errorCode),
      stage: textHeader(headers, headerNames.errorStage),
      attempt: Number(textHeader(headers, headerNames.attempt) ?? 1),
      origin: originFromHeaders(headers),
      value: await present(record.value),
    });
  }
  return records;
}
