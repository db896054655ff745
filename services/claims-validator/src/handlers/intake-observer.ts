import type { ClaimSubmitted } from '@vigil/contracts';

/** What intake tells of its doings, for metrics. */
export interface IntakeObserver {
  submitted(claim: Pick<ClaimSubmitted, 'format' | 'standing' | 'problems'>): void;
}
