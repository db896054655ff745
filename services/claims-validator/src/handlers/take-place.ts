import { topics, type ClaimAdjudicated, type ClaimSubmitted, type KnownClaim, type PendedClaim } from '@vigil/contracts';
import { emit, type Emission } from '@vigil/core';
import { reversalRecord, reviewWithdrawal } from './claim-records.ts';
import { closeReview } from './close-review.ts';
import type { StandingOriginal, WaitingClaim } from './find-original.ts';
import { isConflicting, isReleased, type Desk, type Submission } from './submission.ts';

const reversal = (submission: Submission, previous: ClaimAdjudicated): Emission =>
  emit(topics.claimAdjudicated, submission.key, reversalRecord(submission, previous));

/** The claim that waited under an id is not looked at any more. */
function withdraw(desk: Desk, submission: Submission, pended: PendedClaim): readonly Emission[] {
  desk.stores.pended.delete(pended.claim.submissionId);
  closeReview(desk.stores, pended, submission.today);
  return [reversal(submission, pended.decision), emit(topics.reviewRequested, submission.key, reviewWithdrawal(submission, pended))];
}

/** What waits beside a claim and loses its place with it. A correction goes on waiting where no other correction took that place. */
function losingPlace({ stores }: Desk, { claim }: Submission, { waiting }: KnownClaim): PendedClaim | undefined {
  const pended = waiting === claim.submissionId ? undefined : stores.pended.get(waiting);
  return claim.frequency === 'original' && pended?.claim.frequency !== 'original' ? undefined : pended;
}

function takeBack(desk: Desk, submission: Submission, { key, claim: known }: WaitingClaim): readonly Emission[] {
  const { claim, today, place } = submission;
  const losing = losingPlace(desk, submission, known);
  const row: KnownClaim = {
    ...known,
    status: 'reversed',
    waiting: losing || known.waiting === claim.submissionId ? '' : known.waiting,
    earlier: losing ? [...known.earlier, known.waiting] : known.earlier,
    contributions: [],
    rendering: [],
    instead: claim.frequency === 'void' || place === key ? '' : place,
  };
  desk.stores.claims.put(key, row, today);
  return [
    ...(known.status === 'decided' ? [reversal(submission, known.decision)] : []),
    ...(losing ? withdraw(desk, submission, losing) : []),
  ];
}

/** Writes that what stood is taken back, and what waited beside it. Its amounts are taken back by the caller. */
export const reverseOriginal = (desk: Desk, submission: Submission, original: StandingOriginal): readonly Emission[] =>
  [original, ...original.onTheWay].flatMap((each) => takeBack(desk, submission, each));

/** Submissions that a decided one finds under its id and leaves behind it. */
const settledUnder = (there: KnownClaim | undefined, { claim }: Submission): readonly string[] =>
  there ? [...there.earlier, there.decision.submissionId].filter((submissionId) => submissionId !== claim.submissionId) : [];

/** Decisions that were told about what lies under an id; of what only waited nobody was told. */
const toldUnder = (there: KnownClaim | undefined): readonly string[] => {
  if (!there) return [];
  return there.status === 'waiting' ? there.earlierDecisions : [...there.earlierDecisions, there.decision.decisionId];
};

const renderingOf = ({ lines, renderingProviderId }: ClaimSubmitted): readonly string[] => {
  const rendering = lines.map((line) => line.renderingProviderId || renderingProviderId);
  return rendering.some((id) => id !== '') ? rendering : [];
};

/** Whether what lies under its id gives way to a decided submission: nothing stands there, or only what is there for it. */
function givesWay(there: KnownClaim, submission: Submission, status: string): boolean {
  const isRefused = submission.review?.decision === 'deny' && isConflicting(submission);
  if (there.status === 'waiting')
    return there.waiting === submission.claim.submissionId || (submission.claim.frequency === 'original' && isReleased(submission));
  if (there.status === 'reversed') return status !== 'refused' && !isRefused;
  return there.status === 'refused' && !isRefused;
}

/** A submission as it was decided, and what stands where it does not. */
export type DecidedClaim = Pick<KnownClaim, 'status' | 'decision' | 'contributions' | 'instead'>;

/** A decided submission stands in its place from now on, unless something stands there that it did not take the place of. */
export function standInPlace({ stores }: Desk, submission: Submission, decided: DecidedClaim): void {
  const { ownKey, place, today, claim, review } = submission;
  // An id that was taken when the claim came made it wait for a person.
  const there = review === undefined && claim.frequency === 'original' ? undefined : stores.claims.get(ownKey, today);
  const isOwn = place === ownKey && (there === undefined || givesWay(there, submission, decided.status));
  const waiting = !there || there.waiting === claim.submissionId ? '' : there.waiting;
  const rendering = decided.status === 'decided' ? renderingOf(claim) : [];
  if (isOwn) {
    const [earlier, earlierDecisions] = [settledUnder(there, submission), toldUnder(there)];
    return stores.claims.put(ownKey, { ...decided, waiting, earlier, earlierDecisions, rendering }, today);
  }
  const told = place === ownKey ? [decided.decision.decisionId] : [];
  if (place !== ownKey) stores.claims.put(place, { ...decided, waiting: '', earlier: [], earlierDecisions: [], rendering }, today);
  if (!there) return;
  const earlier = [...there.earlier, claim.submissionId];
  stores.claims.put(ownKey, { ...there, waiting, earlier, earlierDecisions: [...there.earlierDecisions, ...told] }, today);
}

/** What was not there, or voided, when a replacement was released: whoever speaks of it later means that one. */
export function standFor(
  desk: Desk,
  submission: Submission,
  { key, claim }: { readonly key: string; readonly claim: KnownClaim | undefined },
): void {
  const { place, today } = submission;
  const standing = desk.stores.claims.get(place, today);
  if (key === place || !standing) return;
  const { decision } = claim ?? standing;
  const row = { waiting: '', earlier: [], earlierDecisions: [], rendering: [], ...claim, status: 'reversed', contributions: [], decision };
  desk.stores.claims.put(key, { ...row, instead: place }, today);
}
