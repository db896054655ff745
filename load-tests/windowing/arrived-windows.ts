import { compileReader, requireWireId, topics, wireHeaderBytes, type WindowClosed } from '@vigil/contracts';
import type { FetchedBatch, KafkaClient } from '@vigil/kafka';
import { tableOf, type WindowTable } from '../windows/compare-windows.ts';

export interface ArrivedWindows {
  readonly table: WindowTable;
  /** When a read_committed consumer had it, milliseconds since the epoch. */
  readonly atMs: readonly (readonly [WindowClosed, number])[];
}

export interface Collecting<Result> {
  /** Only windows that start here. */
  readonly starts: readonly number[];
  readonly count: number;
  /** After `meanwhile` has ended. */
  readonly longestWaitMs: number;
  readonly meanwhile: () => Promise<Result>;
}

const schema = topics.vitalsWindowClosed.schema;

interface Arrival {
  readonly batch: FetchedBatch;
  readonly atMs: number;
}

/** Decoded after the last has arrived: the reader must not be late because it reads. */
function decoded(arrivals: readonly Arrival[], starts: ReadonlySet<number>): ArrivedWindows {
  const read = compileReader<WindowClosed>(schema, schema);
  const atMs: [WindowClosed, number][] = [];
  for (const { batch, atMs: arrivedMs } of arrivals) {
    for (const { value } of batch.records) {
      if (!value) continue;
      requireWireId(value);
      const window = read(value, wireHeaderBytes);
      if (starts.has(window.windowStart)) atMs.push([window, arrivedMs]);
    }
  }
  return {
    atMs,
    table: tableOf(
      atMs.map(([window]) => window),
      Number.POSITIVE_INFINITY,
    ),
  };
}

/**
 * Reads an output topic from its present end while something else goes on, until so many windows have arrived.
 *
 * @throws when fewer came
 */
export async function collectWindows<Result>(
  client: KafkaClient,
  topic: string,
  { starts, count, longestWaitMs, meanwhile }: Collecting<Result>,
): Promise<{ readonly arrived: ArrivedWindows; readonly meanwhile: Result }> {
  const wanted = new Set(starts);
  const arrivals: Arrival[] = [];
  const fetcher = await client.openFetcher();
  try {
    for (const [partition, end] of (await client.admin.stableOffsets(topic)).entries()) fetcher.assign({ topic, partition }, end);
    let ended: { readonly result: Result; readonly atMs: number } | null = null;
    let failure: unknown = null;
    const done = meanwhile().then(
      (result) => void (ended = { result, atMs: performance.now() }),
      (error: unknown) => void (failure = error),
    );
    const isOver = (): boolean => failure !== null || (ended !== null && performance.now() - ended.atMs > longestWaitMs);
    let lastLookMs = 0;
    for (;;) {
      for (const batch of await fetcher.poll(50)) if (batch.records.length > 0) arrivals.push({ batch, atMs: Date.now() });
      if (isOver()) break;
      if (ended === null || performance.now() - lastLookMs < 1_000) continue;
      lastLookMs = performance.now();
      if (decoded(arrivals, wanted).table.size >= count) break;
    }
    await done;
    if (failure !== null) throw failure;
    const arrived = decoded(arrivals, wanted);
    if (arrived.table.size < count) throw new Error(`${topic} holds ${arrived.table.size} of ${count} windows: no latency.`);
    return { arrived, meanwhile: (ended as unknown as { result: Result }).result };
  } finally {
    await fetcher.close();
  }
}
