import { topics, type ClaimAdjudicated, type KnownClaim, type PendedClaim } from '@vigil/contracts';
import { emit, type Emission } from '@vigil/core';
import { reversalRecord, reviewWithdrawal } from './claim-records.ts';
import { closeReview } from './close-review.ts';
import type { StandingOriginal } from './find-original.ts';
import type { Desk, Submission } from './submission.ts';

const reversal = (submission: Submission, previous: ClaimAdjudicated): Emission =>
  emit(topics.claimAdjudicated, submission.key, reversalRecord(submission, previous));

/** The claim that waited under an id is not looked at any more. */
function withdraw(desk: Desk, submission: Submission, pended: PendedClaim): readonly Emission[] {
  desk.stores.pended.delete(pended.claim.submissionId);
  closeReview(desk.stores, pended, submission.today);
  return [reversal(submission, pended.decision), emit(topics.reviewRequested, submission.key, reviewWithdrawal(submission, pended))];
}

/** Writes that what stood is taken back, and what waited beside it. Its amounts are taken back by the caller. */
export function reverseOriginal(desk: Desk, submission: Submission, { key, claim: known }: StandingOriginal): readonly Emission[] {
  const { stores } = desk;
  const waiting = known.waiting === submission.claim.submissionId ? undefined : stores.pended.get(known.waiting);
  stores.claims.put(key, { ...known, status: 'reversed', waiting: '', contributions: [] }, submission.today);
  return [
    ...(known.status === 'decided' ? [reversal(submission, known.decision)] : []),
    ...(waiting ? withdraw(desk, submission, waiting) : []),
  ];
}

/** Whether a decided submission stands under its id from now on: what stands there untaken is never overwritten. */
export function standUnderId({ stores }: Desk, submission: Submission, decided: KnownClaim): void {
  const key = submission.ownKey;
  const { today, claim, review } = submission;
  // An id that was taken when the claim came made it wait for a person.
  const there = review === undefined && claim.frequency === 'original' ? undefined : stores.claims.get(key, today);
  const isFree = !there || there.status === 'reversed' || (there.status === 'waiting' && there.waiting === claim.submissionId);
  if (isFree) stores.claims.put(key, decided, today);
  else if (there.waiting === claim.submissionId) stores.claims.put(key, { ...there, waiting: '' }, today);
}
