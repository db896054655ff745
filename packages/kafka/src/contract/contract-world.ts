import { classifyError } from '@vigil/core';
import type { FetchedBatch, FetchedRecord, Fetcher, KafkaClient, ProducedRecord, TopicPartition } from '../ports/kafka-client.ts';

/** Where the contract is tested: a broker in memory or a real one. */
export interface ContractWorld {
  connect(): KafkaClient;
  /** A name that nobody else uses. */
  unique(name: string): string;
  createTopic(partitions?: number, config?: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

const patienceMs = 25_000;

export const aRecord = (place: TopicPartition, value: string | null, over: Partial<ProducedRecord> = {}): ProducedRecord => ({
  ...place,
  key: Buffer.from('k'),
  value: value === null ? null : Buffer.from(value),
  headers: [],
  timestamp: null,
  ...over,
});

export const textOf = (record: FetchedRecord): string | null => record.value?.toString('utf8') ?? null;

/** Polls until `isDone` says so of everything read so far. */
export async function pollUntil(fetcher: Fetcher, isDone: (batches: readonly FetchedBatch[]) => boolean): Promise<readonly FetchedBatch[]> {
  const batches: FetchedBatch[] = [];
  const startedMs = Date.now();
  while (!isDone(batches)) {
    if (Date.now() - startedMs > patienceMs)
      throw new Error(`nothing more came: ${batches.flatMap(({ records }) => [...records]).length} records`);
    batches.push(...(await fetcher.poll(100)));
  }
  return batches;
}

/** Reads one partition up to an offset. */
export async function readTo(client: KafkaClient, place: TopicPartition, end: number, from = 0): Promise<readonly FetchedRecord[]> {
  const fetcher = await client.openFetcher();
  fetcher.assign(place, from);
  const batches = await pollUntil(fetcher, (read) => from >= end || read.some(({ nextOffset }) => nextOffset >= end));
  await fetcher.close();
  return batches.flatMap(({ records }) => [...records]);
}

export async function eventually(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const startedMs = Date.now();
  while (!(await check())) {
    if (Date.now() - startedMs > patienceMs) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

/** What kind of failure it was, or that it was none. */
export const kindOf = async (failing: Promise<unknown>): Promise<string> =>
  failing.then(
    () => 'no error',
    (error: unknown) => classifyError(error).kind,
  );
