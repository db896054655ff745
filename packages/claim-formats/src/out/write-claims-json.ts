import type { ClaimAdjudicated } from '@vigil/contracts';
import { standingOf } from './standing-claim.ts';
import { dayText } from './x12-text.ts';

/** One claim of `vigil claims export --format json`: what stood in docs/reference before may be relied on, more may come. */
export interface ExportedClaim {
  /** The claim id under which the submission came. */
  readonly claimId: string;
  /** Of a void: the claim that it took back; null elsewhere. */
  readonly reversedClaimId: string | null;
  /** paid, denied, pended; reversed = taken back by a replacement or void, or a void itself: then no money stands. */
  readonly outcome: string;
  /** The decision that took this one back; null = it stands, or is a void. */
  readonly reversedBy: string | null;
  readonly lines: readonly {
    readonly line: number;
    readonly procedureCode: string;
    readonly chargeCents: number;
    readonly allowedCents: number;
    readonly paidCents: number;
    readonly patientCents: number;
    readonly adjustments: readonly { readonly group: string; readonly carc: string; readonly cents: number }[];
    readonly rarc: readonly string[];
  }[];
  readonly submissionId: string;
  readonly decisionId: string;
  readonly kind: string;
  readonly number: number;
  readonly frequency: string;
  readonly patientToken: string;
  readonly payerId: string;
  readonly planId: string;
  readonly providerId: string;
  readonly serviceFrom: string | null;
  readonly decidedAt: string;
  readonly chargeCents: number;
  readonly allowedCents: number;
  readonly paidCents: number;
  readonly patientCents: number;
  readonly pendReasons: readonly { readonly code: string; readonly field: string; readonly line: number }[];
}

const fieldsOf = (decision: ClaimAdjudicated, reversedBy: string | null): ExportedClaim => ({
  claimId: decision.submittedClaimId || decision.claimId,
  reversedClaimId: decision.kind === 'reversal' ? decision.claimId : null,
  outcome: decision.outcome,
  reversedBy,
  lines: decision.lines.map(({ line, procedureCode, chargeCents, allowedCents, paidCents, patientCents, adjustments, rarc }) => ({
    line,
    procedureCode,
    chargeCents,
    allowedCents,
    paidCents,
    patientCents,
    adjustments: adjustments.map(({ group, carc, cents }) => ({ group, carc, cents })),
    rarc,
  })),
  submissionId: decision.submissionId,
  decisionId: decision.decisionId,
  kind: decision.kind,
  number: decision.number,
  frequency: decision.frequency,
  patientToken: decision.patientToken,
  payerId: decision.payerId,
  planId: decision.planId,
  providerId: decision.providerId,
  serviceFrom: decision.serviceFrom === null ? null : dayText(decision.serviceFrom),
  decidedAt: new Date(decision.decidedAt).toISOString(),
  chargeCents: decision.chargeCents,
  allowedCents: decision.allowedCents,
  paidCents: decision.paidCents,
  patientCents: decision.patientCents,
  pendReasons: decision.pendReasons.map(({ code, field, line }) => ({ code, field, line })),
});

/**
 * A submission as it leaves in JSON: tokens, no names.
 *
 * @param decision  its last one
 * @param reversedBy  the reversal that took it back; null = it stands
 */
export const exportedClaimOf = (decision: ClaimAdjudicated, reversedBy: string | null = null): ExportedClaim =>
  fieldsOf(standingOf(decision, reversedBy), reversedBy);
