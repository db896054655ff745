import { VigilError } from '@vigil/core';
import type { QuarantineLimits } from './engine-settings.ts';

export interface QuarantineWatch {
  /** Rejected in a row up to here: committed beside the positions. */
  readonly inARow: number;
  /** @throws VigilError QUARANTINE_LIMIT: the batch must not be committed */
  rejected(): void;
  accepted(): void;
  /** What a restart found committed. */
  resume(inARow: number): void;
}

/** Stops a stage that would drain everything into quarantine. The ratio is taken over spans of `ratioMinRecords`. */
export function watchQuarantine({ consecutive, ratio, ratioMinRecords }: QuarantineLimits): QuarantineWatch {
  let inARow = 0;
  let seen = 0;
  let bad = 0;
  const count = (rejected: number): void => {
    seen++;
    bad += rejected;
    if (seen < ratioMinRecords) return;
    const over = bad / seen > ratio;
    seen = 0;
    bad = 0;
    if (over) throw new VigilError('QUARANTINE_LIMIT', { detail: `More than ${ratio * 100} % of ${ratioMinRecords} records.` });
  };
  return {
    get inARow() {
      return inARow;
    },
    rejected() {
      if (++inARow > consecutive) throw new VigilError('QUARANTINE_LIMIT', { detail: `More than ${consecutive} records in a row.` });
      count(1);
    },
    accepted() {
      inARow = 0;
      count(0);
    },
    resume: (committed) => void (inARow = committed),
  };
}
