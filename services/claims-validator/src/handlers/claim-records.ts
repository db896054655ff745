import type { ClaimAdjudicated, PendedClaim, PendReason, ReviewRequested } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import type { Adjudication, PendedAdjudication, SubStage } from '../domain/adjudication.ts';
import { reverseDecision } from '../domain/reverse-decision.ts';
import type { Submission } from './submission.ts';

/** What was decided, as it is written. */
export function decisionRecord({ claim, atMs, number, review }: Submission, decided: Adjudication): ClaimAdjudicated {
  const { submissionId } = claim;
  return {
    decisionId: hashId(submissionId, 'decision', number),
    submissionId,
    patientToken: claim.patientToken,
    policyToken: claim.policyToken,
    memberToken: claim.memberToken,
    claimId: claim.claimId,
    submittedClaimId: claim.claimId,
    scope: claim.scope,
    outcome: decided.outcome,
    kind: 'decision',
    number,
    reverses: null,
    frequency: claim.frequency,
    claimType: claim.claimType,
    format: claim.format,
    payerId: decided.payerId,
    planId: decided.planId,
    planYear: decided.planYear,
    network: decided.network,
    providerId: claim.providerId,
    providerIdType: claim.providerIdType,
    providerType: decided.providerType,
    coverageType: claim.coverageType,
    placeOfService: decided.placeOfService,
    diagnosisCodes: decided.diagnosisCodes,
    serviceFrom: claim.serviceFrom,
    serviceTo: claim.serviceTo,
    receivedOn: claim.receivedOn,
    receivedAt: claim.receivedAt,
    decidedAt: atMs,
    chargeCents: decided.chargeCents,
    allowedCents: decided.allowedCents,
    paidCents: decided.paidCents,
    patientCents: decided.patientCents,
    lines: decided.lines,
    pendReasons: decided.pendReasons,
    claimReasons: decided.claimReasons,
    reviewId: review?.reviewId ?? null,
    referenceVersions: decided.referenceVersions,
  };
}

/** An earlier decision in negative amounts, because `submission` takes its place. */
export function reversalRecord({ claim, atMs, number, review }: Submission, previous: ClaimAdjudicated): ClaimAdjudicated {
  const { submissionId, frequency, receivedOn, receivedAt } = claim;
  // One submission may take back several decisions.
  const decisionId = hashId(submissionId, 'reversal', number, previous.decisionId);
  const reviewId = review?.reviewId ?? null;
  return {
    ...reverseDecision(previous, {
      decisionId,
      submissionId,
      submittedClaimId: claim.claimId,
      number,
      decidedAt: atMs,
      receivedOn,
      receivedAt,
      frequency,
    }),
    reviewId,
  };
}

/** Without its reasons: what is kept of a decision in order to take it back and to know its services again. */
export const withoutReasons = (decision: ClaimAdjudicated): ClaimAdjudicated => ({
  ...decision,
  lines: decision.lines.map((line) => ({ ...line, reasons: [] })),
  claimReasons: [],
  referenceVersions: {},
});

export const reviewIdOf = ({ claim, number }: Submission): string => hashId(claim.submissionId, 'review', number);

export interface PendedReview {
  readonly reviewId: string;
  readonly reasons: readonly PendReason[];
  /** Charge above which the claim's plan wants two people; null = it does not say. */
  readonly secondPersonCents: number | null;
}

export function reviewRequest({ claim, atMs }: Submission, { reviewId, reasons, secondPersonCents }: PendedReview): ReviewRequested {
  const { submissionId, policyToken, patientToken, claimId, totalCents } = claim;
  return {
    reviewId,
    submissionId,
    policyToken,
    patientToken,
    claimId,
    reasons,
    chargeCents: totalCents,
    secondPersonCents,
    requestedAt: atMs,
    withdrawnBy: null,
  };
}

/** Nobody has to decide about `pended` any more. */
export const reviewWithdrawal = ({ claim, atMs }: Submission, { reviewId, reasons, claim: waiting }: PendedClaim): ReviewRequested => ({
  reviewId,
  submissionId: waiting.submissionId,
  policyToken: waiting.policyToken,
  patientToken: waiting.patientToken,
  claimId: waiting.claimId,
  reasons,
  chargeCents: waiting.totalCents,
  // Nobody decides about it any more.
  secondPersonCents: null,
  requestedAt: atMs,
  withdrawnBy: claim.submissionId,
});

/** What is pended before its content is looked at: it is not clear in whose place it stands. */
export const pendedBefore = (endedIn: SubStage, code: string, field: string): PendedAdjudication => ({
  outcome: 'pended',
  endedIn,
  payerId: '',
  planId: '',
  planYear: null,
  network: '',
  providerType: '',
  placeOfService: '',
  diagnosisCodes: [],
  referenceVersions: {},
  chargeCents: 0,
  allowedCents: 0,
  paidCents: 0,
  patientCents: 0,
  lines: [],
  claimReasons: [],
  pendReasons: [{ code, field, line: 0 }],
});
