import type { ClaimSubmitted, KnownClaim } from '@vigil/contracts';
import { duplicate } from '@vigil/core';
import type { Handler } from '@vigil/kafka';
import type { Day } from '../domain/claim-world.ts';
import type { ClaimStores } from '../state/claim-stores.ts';
import { dayOfInstant } from '../state/day-of-instant.ts';
import { decideSubmission } from './decide-submission.ts';
import { meantKeyOf, standingKeyOf } from './find-original.ts';
import type { OpenDesk } from './open-desk.ts';
import { bookKeyOf, recordKeyOf } from './submission.ts';

/** What waits is noted under its id, but for what has no right to its id. */
function isKnown({ submissionId, standing }: ClaimSubmitted, there: KnownClaim | undefined, { pended }: ClaimStores): boolean {
  if (there?.decision.submissionId === submissionId || there?.earlier.includes(submissionId)) return true;
  return (there !== undefined || standing === 'conflicting') && pended.get(submissionId) !== undefined;
}

/** A correction may carry the id of what it corrects, or a free one. */
function isTaken(
  stores: ClaimStores,
  { status }: KnownClaim,
  asking: { claim: ClaimSubmitted; key: string; ownKey: string; today: Day },
): boolean {
  if (asking.claim.frequency === 'original') return true;
  // What was taken back or refused gives its id away, but not where something else took its place.
  const isFree = status === 'reversed' || status === 'refused';
  const meant = meantKeyOf(stores, asking);
  if (!isFree) return meant !== asking.ownKey;
  const standing = standingKeyOf(stores, asking);
  return standing !== '' && standing !== meant;
}

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
    const hasTakenId = there !== undefined && isTaken(stores, there, { claim, key, ownKey, today });
    return decideSubmission(desk, {
      claim,
      key,
      ownKey,
      place: ownKey,
      atMs: origin.timestamp,
      today,
      number: 1,
      review: undefined,
      hasTakenId,
      asked: [],
      lookedAt: [],
    });
  };
