import type { PlanBenefit } from '@vigil/contracts';
import { leftOf, smaller, type SharePots } from './accumulators.ts';
import { networkTermsOf, type ClaimCase } from './claim-case.ts';
import { shareOf } from './money.ts';
import type { NetworkTerms, PlanTerms } from './plan-terms.ts';

/** How an amount is shared between plan and patient, in cents. */
export interface CostShare {
  readonly deductibleCents: number;
  readonly coinsuranceCents: number;
  readonly copayCents: number;
  /** The rate of the coinsurance, in hundredths of a percent. */
  readonly coinsuranceBps: number;
  /** What the out-of-pocket maximum took off the patient. */
  readonly cappedCents: number;
}

/** By what an amount is shared. */
export interface Sharing {
  readonly at: ClaimCase;
  readonly pots: SharePots;
  readonly terms: PlanTerms;
  readonly benefit: PlanBenefit;
}

const basisPoints = 10_000;

/** The deductible that is still to be met; the first of individual and family that is met ends it. */
function deductibleLeft(
  terms: PlanTerms,
  limits: NetworkTerms,
  { pots, at }: { readonly pots: SharePots; readonly at: ClaimCase },
): number {
  const { deductibleCents, familyDeductibleCents } = limits;
  const family = leftOf(familyDeductibleCents, pots.familyDeductible, at);
  if (family !== null && terms.settings.familyDeductible === 'aggregate') return family;
  if (deductibleCents === 0) return 0;
  return smaller(leftOf(deductibleCents, pots.deductible, at), family) ?? 0;
}

const coinsuranceOf = (benefit: PlanBenefit, at: ClaimCase): number =>
  at.network === 'in' ? benefit.coinsuranceInBps : benefit.coinsuranceOutBps;
const copayOf = (benefit: PlanBenefit, at: ClaimCase): number => (at.network === 'in' ? benefit.copayInCents : benefit.copayOutCents);

/**
 * Shares an allowed amount: first the deductible that is left, then coinsurance on the rest, then the copay, all of them
 * together no more than is left of the out-of-pocket maximum. What the maximum takes off is taken off the copay first, the
 * deductible last, and is paid by the plan.
 *
 * @see 45 CFR 155.20 and 156.130: cost sharing counts against the maximum, balance bills and non-covered services do not
 */
export function shareCost(allowedCents: number, { at, pots, terms, benefit }: Sharing): CostShare {
  const limits = networkTermsOf(at, terms);
  const deductible = benefit.deductibleApplies ? Math.min(allowedCents, deductibleLeft(terms, limits, { pots, at })) : 0;
  const rest = allowedCents - deductible;
  const coinsuranceBps = coinsuranceOf(benefit, at);
  const coinsurance = shareOf(rest, { numerator: coinsuranceBps, denominator: basisPoints }, terms.settings.rounding);
  const copay = Math.min(copayOf(benefit, at), rest - coinsurance);
  const left = smaller(
    leftOf(limits.outOfPocketCents, pots.outOfPocket, at),
    leftOf(limits.familyOutOfPocketCents, pots.familyOutOfPocket, at),
  );
  const capped = left === null ? 0 : Math.max(0, deductible + coinsurance + copay - left);
  const offCopay = Math.min(copay, capped);
  const offCoinsurance = Math.min(coinsurance, capped - offCopay);
  return {
    deductibleCents: deductible - (capped - offCopay - offCoinsurance),
    coinsuranceCents: coinsurance - offCoinsurance,
    copayCents: copay - offCopay,
    coinsuranceBps,
    cappedCents: capped,
  };
}
