import { topics, type ClaimAdjudicated } from '@vigil/contracts';
import { emit, processedUpTo, type Outcome } from '@vigil/core';
import type { DecidedAdjudication, PendedAdjudication } from '../domain/adjudication.ts';
import { leavesOriginal } from '../domain/leaves-original.ts';
import { AccumulatorScratch } from './accumulator-scratch.ts';
import { decisionRecord, pendedBefore, withoutReasons } from './claim-records.ts';
import { findOriginal, placeFor, type Original } from './find-original.ts';
import { pendSubmission } from './pend-submission.ts';
import { endOf, passedAll } from './sub-stages.ts';
import { isConflicting, type Desk, type Submission } from './submission.ts';
import { reverseOriginal, standFor, standInPlace } from './take-place.ts';
import { worldOf } from './world-of.ts';

/** A void only takes back; one that a person released without there being anything takes back nothing. */
function voidOriginal(desk: Desk, submission: Submission, original: Original): Outcome {
  // Who names the void means what it voided, also where somebody replaces that later.
  const instead = original.kind === 'none' || original.key === submission.place ? '' : original.key;
  const voided = { status: 'reversed', contributions: [], instead } as const;
  if (original.kind !== 'standing') {
    const nothing = decisionRecord(submission, pendedBefore('adjudicate', '', ''));
    const record: ClaimAdjudicated = { ...nothing, outcome: 'reversed', kind: 'reversal', pendReasons: [] };
    standInPlace(desk, submission, { ...voided, decision: record });
    return processedUpTo(passedAll, [emit(topics.claimAdjudicated, submission.key, record)]);
  }
  const accumulators = new AccumulatorScratch(desk.stores.accumulators);
  accumulators.takeBack(original.claim.contributions);
  accumulators.apply(submission.today);
  const emissions = reverseOriginal(desk, submission, original);
  const record = emissions[0]?.value as ClaimAdjudicated;
  standInPlace(desk, submission, { ...voided, decision: withoutReasons(record) });
  return processedUpTo(passedAll, emissions);
}

/** A correction that comes to nothing: what it wanted to correct goes on standing, and who names the correction means that. */
function refuse(
  desk: Desk,
  submission: Submission,
  { original, adjudication }: { original: Original; adjudication: DecidedAdjudication },
): Outcome {
  const decision = decisionRecord(submission, adjudication);
  const instead = original.kind === 'none' || original.key === submission.place ? '' : original.key;
  standInPlace(desk, submission, { status: 'refused', decision: withoutReasons(decision), contributions: [], instead });
  return processedUpTo(endOf(adjudication), [emit(topics.claimAdjudicated, submission.key, decision)]);
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
  standInPlace(desk, submission, { status: 'decided', decision: withoutReasons(decision), contributions, instead: '' });
  const notStanding = original.kind === 'standing' ? original.beyond : original;
  if (notStanding && 'key' in notStanding) standFor(desk, submission, notStanding);
  return processedUpTo(endOf(adjudication), [...reversal, emit(topics.claimAdjudicated, submission.key, decision)]);
}

/** Whoever bills for somebody else, or about somebody else, corrects nothing without a person. */
function isOfOthers({ claim }: Submission, original: Original): boolean {
  if (original.kind !== 'standing' || claim.frequency === 'original') return false;
  return [original, ...original.onTheWay].some(({ claim: { decision } }) => {
    const isSameProvider = decision.providerId === claim.providerId && decision.providerIdType === claim.providerIdType;
    return !isSameProvider || decision.memberToken !== claim.memberToken;
  });
}

function doubtOf(submission: Submission, original: Original): string {
  if (original.kind === 'unknown') return 'ORIGINAL_UNKNOWN';
  if (original.kind === 'reversed') return 'ORIGINAL_REVERSED';
  return isOfOthers(submission, original) ? 'ORIGINAL_MISMATCH' : '';
}

/** Why it is not clear in whose place a submission stands; null = it is, or a person said that it does not matter. */
function doubtAbout(submission: Submission, original: Original): PendedAdjudication | null {
  if (submission.review?.decision === 'deny') return null;
  const isOpen = (code: string): boolean => !submission.lookedAt.some((reason) => reason.code === code);
  if (isConflicting(submission) && isOpen('CONFLICTING_CLAIM')) return pendedBefore('validate', 'CONFLICTING_CLAIM', 'claim_id');
  const code = doubtOf(submission, original);
  return code !== '' && isOpen(code) ? pendedBefore('enrich', code, 'original_claim_id') : null;
}

function decideVoid(desk: Desk, submission: Submission, original: Original): Outcome {
  const world = worldOf(desk, submission, original, new AccumulatorScratch(desk.stores.accumulators));
  const adjudication = desk.adjudicateVoid(submission.claim, world);
  if (adjudication === null) return voidOriginal(desk, submission, original);
  return adjudication.outcome === 'pended'
    ? pendSubmission(desk, submission, adjudication)
    : refuse(desk, submission, { original, adjudication });
}

/** What becomes of a submission, with everything that it changes. */
export function decideSubmission(desk: Desk, looked: Submission): Outcome {
  const { claim } = looked;
  const original = findOriginal(desk, looked);
  const submission = claim.frequency === 'original' ? looked : { ...looked, place: placeFor(desk, looked, original) };
  const doubt = doubtAbout(submission, original);
  if (doubt) return pendSubmission(desk, submission, doubt);
  if (claim.frequency === 'void') return decideVoid(desk, submission, original);

  const accumulators = new AccumulatorScratch(desk.stores.accumulators);
  if (original.kind === 'standing') accumulators.takeBack(original.claim.contributions);
  const adjudication = desk.adjudicate(claim, worldOf(desk, submission, original, accumulators));
  if (adjudication.outcome === 'pended') return pendSubmission(desk, submission, adjudication);
  return claim.frequency === 'replacement' && leavesOriginal(adjudication)
    ? refuse(desk, submission, { original, adjudication })
    : settle(desk, submission, { original, accumulators, adjudication });
}
