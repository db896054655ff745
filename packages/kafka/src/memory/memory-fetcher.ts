import { VigilError } from '@vigil/core';
import type { FetchedBatch, Fetcher, TopicPartition } from '../ports/kafka-client.ts';
import type { Hook } from './memory-group.ts';
import { expireTransactions, logOf, placeOf, type MemoryState } from './memory-state.ts';

interface Reading extends TopicPartition {
  position: number;
  paused: boolean;
}

export interface MemoryFetcherOptions {
  readonly maxRecordsPerBatch: number;
  /** Calls back after a delay; without it a poll never waits. */
  readonly after?: (delayMs: number, run: () => void) => () => void;
}

export function openMemoryFetcher(state: MemoryState, { maxRecordsPerBatch, after }: MemoryFetcherOptions, hook: Hook): Fetcher {
  const readings = new Map<string, Reading>();
  let closed = false;

  const readOne = (reading: Reading): FetchedBatch => {
    const log = logOf(state, reading);
    const { position, topic, partition } = reading;
    if (position < log.startOffset || position > log.highWatermark)
      throw new VigilError('OFFSET_OUT_OF_RANGE', { detail: `${topic}-${partition} at ${position}` });
    const { records, nextOffset } = log.read(position, maxRecordsPerBatch);
    reading.position = nextOffset;
    return { topic, partition, position, records, nextOffset, lastStableOffset: log.stableOffset, highWatermark: log.highWatermark };
  };
  const readAll = (): FetchedBatch[] => {
    expireTransactions(state);
    return [...readings.values()].filter(({ paused }) => !paused).map(readOne);
  };
  const hasNews = (): boolean =>
    [...readings.values()].some((reading) => !reading.paused && logOf(state, reading).stableOffset > reading.position);
  const waitForNews = (maxWaitMs: number): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        cancel?.();
        state.waiting.delete(done);
        resolve();
      };
      const cancel = after?.(maxWaitMs, done);
      state.waiting.add(done);
    });

  return {
    assign: ({ topic, partition }, offset) =>
      void readings.set(placeOf({ topic, partition }), { topic, partition, position: offset, paused: false }),
    unassign: (place) => void readings.delete(placeOf(place)),
    pause(place) {
      const reading = readings.get(placeOf(place));
      if (reading) reading.paused = true;
    },
    resume(place) {
      const reading = readings.get(placeOf(place));
      if (reading) reading.paused = false;
    },
    async poll(maxWaitMs) {
      await hook('poll');
      if (!closed && maxWaitMs > 0 && after && !hasNews()) await waitForNews(maxWaitMs);
      return closed ? [] : readAll();
    },
    async close() {
      closed = true;
      readings.clear();
    },
  };
}
