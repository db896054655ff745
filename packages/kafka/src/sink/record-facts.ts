import type { FetchedRecord } from '../ports/kafka-client.ts';
import type { RecordOrigin } from '../topology/topology.ts';

/** What the headers of a record tell its sink. */
export interface RecordFacts {
  readonly origin: RecordOrigin;
  readonly batchId: string | null;
}

const numberIn = (headers: ReadonlyMap<string, string>, name: string): number | undefined => {
  const value = Number(headers.get(name) ?? Number.NaN);
  return Number.isSafeInteger(value) ? value : undefined;
};

/** Reads `vigil-batch-id`, and where a requeued record first stood. A retry record without origin stands for itself. */
export function recordFactsOf(topic: string, partition: number, record: FetchedRecord, isRetry: boolean): RecordFacts {
  const { offset, timestamp } = record;
  const here: RecordOrigin = { topic, partition, offset, timestamp };
  const entries = record.headers();
  if (entries.length === 0) return { origin: here, batchId: null };

  const headers = new Map(entries.map(([name, value]) => [name, value?.toString('utf8') ?? ''] as const));
  const batchId = headers.get('vigil-batch-id') ?? null;
  if (!isRetry) return { origin: here, batchId };
  return {
    batchId,
    origin: {
      topic: headers.get('vigil-origin-topic') ?? topic,
      partition: numberIn(headers, 'vigil-origin-partition') ?? partition,
      offset: numberIn(headers, 'vigil-origin-offset') ?? offset,
      timestamp: numberIn(headers, 'vigil-origin-timestamp') ?? timestamp,
    },
  };
}
