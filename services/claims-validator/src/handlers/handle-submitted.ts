import type { ClaimSubmitted, KnownClaim } from '@vigil/contracts';
import { duplicate } from '@vigil/core';
import type { Handler } from '@vigil/kafka';
import type { ClaimStores } from '../state/claim-stores.ts';
import { dayOfInstant } from '../state/day-of-instant.ts';
import { decideSubmission } from './decide-submission.ts';
import type { OpenDesk } from './open-desk.ts';
import { bookKeyOf, originalKeyOf, recordKeyOf } from './submission.ts';

/** What waits is noted under its id, but for what has no right to its id. */
function isKnown({ submissionId, standing }: ClaimSubmitted, there: KnownClaim | undefined, { pended }: ClaimStores): boolean {
  if (there?.decision.submissionId === submissionId || there?.earlier.includes(submissionId)) return true;
  return (there !== undefined || standing === 'conflicting') && pended.get(submissionId) !== undefined;
}

/** A correction may carry the id of what it corrects, or a free one. */
const isTaken = (claim: ClaimSubmitted, { status }: KnownClaim, key: string): boolean =>
  claim.frequency === 'original' || (status !== 'reversed' && originalKeyOf(key, claim) !== bookKeyOf(key, claim.scope, claim.claimId));

/** A claim is decided by what is known at the moment; one that was looked at before changes nothing. */
export const handleSubmitted =
  (openDesk: OpenDesk): Handler<ClaimSubmitted, ClaimStores> =>
  ({ value: claim, origin }, { stores }) => {
    const desk = openDesk(stores);
    const key = recordKeyOf(claim);
    const today = dayOfInstant(origin.timestamp);
    const ownKey = bookKeyOf(key, claim.scope, claim.claimId);
    const there = stores.claims.get(ownKey, today);
    if (isKnown(claim, there, stores)) return duplicate;
    const hasTakenId = there !== undefined && isTaken(claim, there, key);
    return decideSubmission(desk, {
      claim,
      key,
      ownKey,
      atMs: origin.timestamp,
      today,
      number: 1,
      review: undefined,
      hasTakenId,
      asked: [],
      lookedAt: [],
    });
  };
