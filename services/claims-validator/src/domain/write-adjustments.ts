import type { LineReason } from '@vigil/contracts';
import type { LineCase } from './claim-case.ts';
import type { PriorPayment } from './prior-payment.ts';
import { benefitEvidence } from './rules/benefit-rules.ts';
import type { CostShare } from './share-cost.ts';

/** Amounts of one line before they become adjustments, in cents. */
export interface Amounts {
  readonly share: CostShare;
  /** What the plan pays. */
  readonly paidCents: number;
  /** What of it, or of what is allowed, counts against a money maximum. */
  readonly countedCents: number;
  /** The reason for what a money maximum took off the plan. */
  readonly maximumCarc: '119' | '35';
}

/** What the patient still owes of each part, in cents. */
export interface PatientParts {
  readonly deductible: number;
  readonly coinsurance: number;
  readonly copay: number;
  readonly overMaximum: number;
}

/** The deductible first: a payer before may have borne some of it. What is owed beyond all shares is beyond a maximum. */
function patientParts(owed: number, share: CostShare): PatientParts {
  const deductible = Math.min(owed, share.deductibleCents);
  const coinsurance = Math.min(owed - deductible, share.coinsuranceCents);
  const copay = Math.min(owed - deductible - coinsurance, share.copayCents);
  return { deductible, coinsurance, copay, overMaximum: owed - deductible - coinsurance - copay };
}

function adjust(line: LineCase, reason: { readonly group: string; readonly carc: string }, cents: number): void {
  if (cents > 0) line.adjustments.push({ group: reason.group, carc: reason.carc, cents });
}

const priorImpact = { group: 'OA', carc: '23' } as const;
const deductibleReason = { group: 'PR', carc: '1' } as const;
const coinsuranceReason = { group: 'PR', carc: '2' } as const;
const copayReason = { group: 'PR', carc: '3' } as const;

/**
 * Turns amounts into adjustments, so that paid + Σ adjustments = charge: OA-23 for what payers before paid and wrote off, PR for
 * what the patient owes of the plan's own cost sharing, CO-45 for the rest, which the provider's contract writes off. Nothing
 * that a payer before already told the provider is told again.
 *
 * @see X12 005010X221A1 § 1.10.2.13 and RFI 2143: only what was not posted before is reported by a later payer
 */
export function writeAdjustments(line: LineCase, amounts: Amounts, prior: PriorPayment | undefined): PatientParts {
  const { groupOf } = line.terms;
  const left = prior === undefined ? line.chargeCents : Math.min(line.chargeCents, prior.patientCents);
  const open = left - amounts.paidCents;
  const owed = Math.min(open, Math.max(0, line.allowedCents - (prior?.paidCents ?? 0) - amounts.paidCents));
  const parts = patientParts(owed, amounts.share);
  const { deductible, coinsurance, copay, overMaximum } = parts;
  adjust(line, priorImpact, line.chargeCents - left);
  adjust(line, { group: groupOf('45', 'CO'), carc: '45' }, open - owed);
  adjust(line, deductibleReason, deductible);
  adjust(line, coinsuranceReason, coinsurance);
  adjust(line, copayReason, copay);
  adjust(line, { group: groupOf(amounts.maximumCarc, 'PR'), carc: amounts.maximumCarc }, overMaximum);
  return parts;
}

/** Says where each amount of the patient comes from: the benefit, and how much. */
export function explainShare(line: LineCase, amounts: Amounts, parts: PatientParts & { readonly deductibleMet: number }): void {
  const { table, row, version } = benefitEvidence(line);
  const explain = (rule: string, detail: string): LineReason => ({ rule, table, row, version, detail });
  const credited = parts.deductibleMet === parts.deductible ? '' : `, ${parts.deductibleMet} counted`;
  if (parts.deductibleMet > 0) line.reasons.push(explain('DEDUCTIBLE', `${parts.deductible} cents${credited}`));
  if (parts.coinsurance > 0)
    line.reasons.push(explain('COINSURANCE', `${parts.coinsurance} cents at ${amounts.share.coinsuranceBps / 100} %`));
  if (parts.copay > 0) line.reasons.push(explain('COPAY', `${parts.copay} cents`));
  if (amounts.share.cappedCents > 0) line.reasons.push(explain('OUT_OF_POCKET', `${amounts.share.cappedCents} cents less for the patient`));
  if (parts.overMaximum > 0)
    line.reasons.push(explain(amounts.maximumCarc === '35' ? 'LIFETIME_USED' : 'MONEY_USED', `cut by ${parts.overMaximum} cents`));
}
