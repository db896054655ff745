import type { JobCounts } from '@vigil/batch';
import type { TableSource } from '@vigil/sources';
import type { TaskExecution } from '../../executor.ts';

/** Tells how far an extraction is. */
export interface TableTeller {
  counted(counts: JobCounts): void;
  opened(source: Pick<TableSource, 'health'>): void;
  stop(): void;
}

/** @param everyMs  between two words about a table that is followed without end; null = its reader ends, and has no health */
export function createTableTeller(progress: TaskExecution['progress'], everyMs: number | null): TableTeller {
  let counts: JobCounts = { read: 0, written: 0, rejected: 0, skipped: 0 };
  let followed: Pick<TableSource, 'health'> | null = null;
  const tell = (): void => progress({ ...counts }, followed?.health?.());
  const timer = everyMs === null ? undefined : setInterval(tell, everyMs);
  return {
    counted(sum) {
      counts = sum;
      tell();
    },
    opened(source) {
      if (everyMs !== null) followed = source;
    },
    stop: () => clearInterval(timer),
  };
}
