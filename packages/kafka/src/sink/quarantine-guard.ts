import { VigilError } from '@vigil/core';
import type { QuarantineLimits } from '../engine/engine-settings.ts';

/** Watches how much of what is read goes to quarantine, so that a bad deploy is not drained into it. */
export interface QuarantineGuard {
  /** @throws VigilError QUARANTINE_LIMIT */
  count(consumed: number, rejectedInARow: number, rejected: number): void;
}

/** Counts of one task since it was opened. */
export function createQuarantineGuard(limits: QuarantineLimits, detail: string): QuarantineGuard {
  let inARow = 0;
  let consumedInWindow = 0;
  let rejectedInWindow = 0;
  return {
    count(consumed, rejectedInARow, rejected) {
      inARow = rejected === consumed ? inARow + rejected : rejectedInARow;
      consumedInWindow += consumed;
      rejectedInWindow += rejected;
      const ratioExceeded = consumedInWindow >= limits.ratioMinRecords && rejectedInWindow / consumedInWindow > limits.ratio;
      if (inARow >= limits.consecutive || ratioExceeded) throw new VigilError('QUARANTINE_LIMIT', { detail });
      if (consumedInWindow < 2 * limits.ratioMinRecords) return;
      // Older records weigh half: what went well for a day must not hide what goes wrong now.
      consumedInWindow /= 2;
      rejectedInWindow /= 2;
    },
  };
}
