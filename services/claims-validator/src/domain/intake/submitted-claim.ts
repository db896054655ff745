import type { ParsedClaim, ParsedProblem } from '@vigil/claim-formats';
import type { ClaimSubmitted } from '@vigil/contracts';
import type { ClaimTokens } from './claim-tokens.ts';

const dayMs = 86_400_000;

export interface Submission {
  readonly claim: ParsedClaim;
  readonly tokens: ClaimTokens;
  readonly contentHash: string;
  readonly submissionId: string;
  readonly standing: 'first' | 'conflicting';
  /** What its reader found, and what of it breaks the workflow's rules. */
  readonly problems: readonly ParsedProblem[];
  /** Ingestion time, milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** The claim under its tokens: what leaves intake. Whoever told no day of receipt gets the day of ingestion, in UTC. */
export function submittedClaimOf(submission: Submission): ClaimSubmitted {
  const { claim, tokens, contentHash, submissionId, standing, problems, receivedAt } = submission;
  // Named one by one: what is not named here does not leave, and the patient is not.
  const { policyToken, patientToken, memberToken, subscriberToken, nameToken } = tokens;
  return {
    submissionId,
    policyToken,
    patientToken,
    memberToken,
    subscriberToken,
    nameToken,
    relationship: claim.relationship,
    claimId: claim.claimId,
    scope: claim.scope,
    contentHash,
    standing,
    format: claim.format,
    claimType: claim.claimType,
    frequency: claim.frequency,
    originalClaimId: claim.originalClaimId,
    providerId: claim.providerId,
    providerIdType: claim.providerIdType,
    renderingProviderId: claim.renderingProviderId,
    payerId: claim.payerId,
    groupNumber: claim.groupNumber,
    coverageType: claim.coverageType,
    serviceFrom: claim.serviceFrom,
    serviceTo: claim.serviceTo,
    receivedOn: claim.receivedOn ?? Math.floor(receivedAt / dayMs),
    receivedAt,
    placeOfService: claim.placeOfService,
    typeOfBill: claim.typeOfBill,
    drg: claim.drg,
    priorAuthorization: claim.priorAuthorization,
    diagnosisCodes: [...claim.diagnosisCodes],
    totalCents: claim.totalCents,
    lines: claim.lines.map((line) => ({
      ...line,
      modifiers: [...line.modifiers],
      diagnosisPointers: [...line.diagnosisPointers],
    })),
    priorPayers: claim.priorPayers.map((payer) => ({ ...payer, adjustments: [...payer.adjustments] })),
    problems: [...problems],
  };
}
