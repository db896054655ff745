import type { KnownClaim } from '@vigil/contracts';
import { isReleased, originalKeyOf, type Desk, type Submission } from './submission.ts';

/** In whose place a submission stands. */
export type Original =
  /** It stands for itself. */
  | { readonly kind: 'none' }
  /** Nothing is known under that id: never seen under this policy, or too long ago. */
  | { readonly kind: 'unknown' }
  /** It was taken back already. */
  | { readonly kind: 'reversed' }
  | StandingOriginal;

export interface StandingOriginal {
  readonly kind: 'standing';
  readonly key: string;
  readonly claim: KnownClaim;
}

/**
 * A replacement or void takes the place of the claim that it names, else of the one with its own id. A claim with the id of
 * another (suspected tampering) does so when a person released it.
 */
export function findOriginal({ stores }: Desk, submission: Submission): Original {
  const { claim, key, today, review } = submission;
  const isCorrection = claim.frequency !== 'original';
  if (review?.decision === 'deny' || (!isCorrection && !isReleased(submission))) return { kind: 'none' };
  const originalKey = isCorrection ? originalKeyOf(key, claim) : submission.ownKey;
  const known = stores.claims.get(originalKey, today);
  if (!known || (known.status === 'waiting' && known.waiting === claim.submissionId)) return { kind: isCorrection ? 'unknown' : 'none' };
  if (known.status === 'reversed') return { kind: isCorrection ? 'reversed' : 'none' };
  return { kind: 'standing', key: originalKey, claim: known };
}
