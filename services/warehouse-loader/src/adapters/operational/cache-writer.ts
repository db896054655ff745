import type { LatestVitalsCache, StoredLatestVitals } from '@vigil/postgres';

/** Writes to a cache behind the sink's back: it is never waited for, and what it cannot write is dropped. */
export interface CacheWriter {
  write(entries: readonly StoredLatestVitals[]): void;
  settle(): Promise<void>;
}

/** Entries of the same patient are written once, the newest; one write at a time. */
export function createCacheWriter(cache: LatestVitalsCache, onFailed: (entries: number) => void): CacheWriter {
  let waiting = new Map<string, StoredLatestVitals>();
  let running: Promise<void> | undefined;

  const run = async (): Promise<void> => {
    while (waiting.size > 0) {
      const entries = [...waiting.values()];
      waiting = new Map();
      await cache.put(entries).catch(() => onFailed(entries.length));
    }
    running = undefined;
  };

  return {
    write(entries) {
      for (const entry of entries) waiting.set(entry.patientToken, entry);
      if (waiting.size > 0) running ??= run();
    },
    settle: () => running ?? Promise.resolve(),
  };
}
