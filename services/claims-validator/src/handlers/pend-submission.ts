import { topics, type ClaimAdjudicated, secondPersonCentsOf } from '@vigil/contracts';
import { emit, processedUpTo, type Outcome } from '@vigil/core';
import type { PendedAdjudication } from '../domain/adjudication.ts';
import { decisionRecord, reviewIdOf, reviewRequest, withoutReasons } from './claim-records.ts';
import { endOf } from './sub-stages.ts';
import { isConflicting, type Desk, type Submission } from './submission.ts';

const nothingDecided = { status: 'waiting', contributions: [], instead: '', rendering: [] } as const;

/** Notes which submission waits under a claim id. What stands there goes on standing. */
function noteWaiting({ stores }: Desk, submission: Submission, decision: ClaimAdjudicated): void {
  const { claim, today } = submission;
  const key = submission.ownKey;
  const standing = stores.claims.get(key, today);
  // What came first goes on waiting: who comes later finds it when a person releases it.
  if (standing && standing.waiting !== '' && standing.waiting !== claim.submissionId) return;
  const { earlier, earlierDecisions } = standing ?? { earlier: [], earlierDecisions: [] };
  if (standing && standing.status !== 'waiting') stores.claims.put(key, { ...standing, waiting: claim.submissionId }, today);
  else stores.claims.put(key, { ...nothingDecided, waiting: claim.submissionId, earlier, earlierDecisions, decision }, today);
}

/** What the claim's plan says of its reviews, where a plan was found. */
function planLimitOf({ reference }: Desk, { claim, today }: Submission, { planId }: PendedAdjudication): number | null {
  const plan = planId === '' ? undefined : reference.plan(planId, claim.serviceFrom ?? today);
  return plan ? secondPersonCentsOf(plan.settings) : null;
}

/** A person has to look: the whole claim is kept until then. Nothing is noted under an id that it has no right to. */
export function pendSubmission(desk: Desk, submission: Submission, adjudication: PendedAdjudication): Outcome {
  const { claim, key, number, lookedAt } = submission;
  const decision = decisionRecord(submission, adjudication);
  const reviewId = reviewIdOf(submission);
  const reasons = adjudication.pendReasons;
  desk.stores.pended.put(claim.submissionId, { reviewId, number, decision: withoutReasons(decision), reasons, lookedAt, claim });
  if (!isConflicting(submission)) noteWaiting(desk, submission, decision);
  return processedUpTo(endOf(adjudication), [
    emit(topics.claimAdjudicated, key, decision),
    emit(
      topics.reviewRequested,
      key,
      reviewRequest(submission, { reviewId, reasons, secondPersonCents: planLimitOf(desk, submission, adjudication) }),
    ),
  ]);
}
