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
  const earlier = waiting ? [...known.earlier, known.waiting] : known.earlier;
  stores.claims.put(key, { ...known, status: 'reversed', waiting: '', earlier, contributions: [] }, submission.today);
  return [
    ...(known.status === 'decided' ? [reversal(submission, known.decision)] : []),
    ...(waiting ? withdraw(desk, submission, waiting) : []),
  ];
}

/** Submissions that a decided one finds under its id and leaves behind it. */
const settledUnder = (there: KnownClaim | undefined, { claim }: Submission): readonly string[] =>
  there ? [...there.earlier, there.decision.submissionId].filter((submissionId) => submissionId !== claim.submissionId) : [];

/** A decided submission stands under its id from now on, unless something stands there that it did not take the place of. */
export function standUnderId({ stores }: Desk, submission: Submission, decided: Omit<KnownClaim, 'waiting' | 'earlier'>): void {
  const { ownKey, today, claim, review } = submission;
  // An id that was taken when the claim came made it wait for a person.
  const there = review === undefined && claim.frequency === 'original' ? undefined : stores.claims.get(ownKey, today);
  const isFree = !there || there.status === 'reversed' || (there.status === 'waiting' && there.waiting === claim.submissionId);
  if (isFree) return stores.claims.put(ownKey, { ...decided, waiting: '', earlier: settledUnder(there, submission) }, today);
  const waiting = there.waiting === claim.submissionId ? '' : there.waiting;
  stores.claims.put(ownKey, { ...there, waiting, earlier: [...there.earlier, claim.submissionId] }, today);
}
