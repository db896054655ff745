import { topics, type ClaimAdjudicated } from '@vigil/contracts';
import { emit, processedUpTo, type Outcome } from '@vigil/core';
import type { DecidedAdjudication, PendedAdjudication } from '../domain/adjudication.ts';
import { AccumulatorScratch } from './accumulator-scratch.ts';
import { decisionRecord, pendedBefore, withoutReasons } from './claim-records.ts';
import { findOriginal, type Original } from './find-original.ts';
import { pendSubmission } from './pend-submission.ts';
import { endOf, passedAll } from './sub-stages.ts';
import { isConflicting, type Desk, type Submission } from './submission.ts';
import { reverseOriginal, standUnderId } from './take-place.ts';
import { worldOf } from './world-of.ts';

/** A void only takes back; one that a person released without there being anything takes back nothing. */
function voidOriginal(desk: Desk, submission: Submission, original: Original): Outcome {
  if (original.kind !== 'standing') {
    const nothing = decisionRecord(submission, pendedBefore('adjudicate', '', ''));
    const record: ClaimAdjudicated = { ...nothing, outcome: 'reversed', kind: 'reversal', pendReasons: [] };
    standUnderId(desk, submission, { status: 'reversed', decision: record, contributions: [] });
    return processedUpTo(passedAll, [emit(topics.claimAdjudicated, submission.key, record)]);
  }
  const accumulators = new AccumulatorScratch(desk.stores.accumulators);
  accumulators.takeBack(original.claim.contributions);
  accumulators.apply(submission.today);
  const emissions = reverseOriginal(desk, submission, original);
  const record = emissions[0]?.value as ClaimAdjudicated;
  standUnderId(desk, submission, { status: 'reversed', decision: withoutReasons(record), contributions: [] });
  return processedUpTo(passedAll, emissions);
}

/** What the claim adds and what it takes back are counted in one step; readers see the reversal first. */
function settle(
  desk: Desk,
  submission: Submission,
  { original, accumulators, adjudication }: { original: Original; accumulators: AccumulatorScratch; adjudication: DecidedAdjudication },
): Outcome {
  accumulators.apply(submission.today);
  const reversal = original.kind === 'standing' ? reverseOriginal(desk, submission, original) : [];
  const decision = decisionRecord(submission, adjudication);
  const contributions = accumulators.contributions();
  standUnderId(desk, submission, { status: 'decided', decision: withoutReasons(decision), contributions });
  return processedUpTo(endOf(adjudication), [...reversal, emit(topics.claimAdjudicated, submission.key, decision)]);
}

const doubts: Readonly<Partial<Record<Original['kind'], string>>> = { unknown: 'ORIGINAL_UNKNOWN', reversed: 'ORIGINAL_REVERSED' };

/** Of an original claim a person can say that it takes the place of the first; a correction has a place already. */
const isSettled = ({ claim, review }: Submission): boolean =>
  review !== undefined && (claim.frequency === 'original' || review.decision === 'deny');

/** Why it is not clear in whose place a submission stands; null = it is, or a person said that it does not matter. */
function doubtAbout(submission: Submission, original: Original): PendedAdjudication | null {
  if (isConflicting(submission) && !isSettled(submission)) return pendedBefore('validate', 'CONFLICTING_CLAIM', 'claim_id');
  const code = doubts[original.kind];
  if (code === undefined || submission.lookedAt.some((reason) => reason.code === code)) return null;
  return pendedBefore('enrich', code, 'original_claim_id');
}

/** What becomes of a submission, with everything that it changes. */
export function decideSubmission(desk: Desk, submission: Submission): Outcome {
  const { claim, review } = submission;
  const original = findOriginal(desk, submission);
  const doubt = doubtAbout(submission, original);
  if (doubt) return pendSubmission(desk, submission, doubt);
  if (claim.frequency === 'void' && review?.decision !== 'deny') return voidOriginal(desk, submission, original);

  const accumulators = new AccumulatorScratch(desk.stores.accumulators);
  if (original.kind === 'standing') accumulators.takeBack(original.claim.contributions);
  const adjudication = desk.adjudicate(claim, worldOf(desk, submission, original, accumulators));
  return adjudication.outcome === 'pended'
    ? pendSubmission(desk, submission, adjudication)
    : settle(desk, submission, { original, accumulators, adjudication });
}
