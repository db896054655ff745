import type { PlanBenefit } from '@vigil/contracts';
import { leftOf, maximumKey, smaller, type SharePots } from './accumulators.ts';
import type { ClaimCase, LineCase } from './claim-case.ts';
import type { AccumulatorKey } from './claim-world.ts';
import { explainPrice } from './explain-price.ts';
import { allowedOf } from './price-line.ts';
import type { PriorPayment } from './prior-payment.ts';
import { benefitEvidence, isFurtherVisit } from './rules/benefit-rules.ts';
import { authorizationKey } from './rules/provider-rules.ts';
import { shareCost } from './share-cost.ts';
import type { PlanTerms } from './plan-terms.ts';
import { explainShare, writeAdjustments, type Amounts, type PatientParts } from './write-adjustments.ts';

/** Where a line stands when its amounts are worked out. */
export interface Settlement {
  readonly at: ClaimCase;
  readonly pots: SharePots;
  readonly terms: PlanTerms;
  readonly benefit: PlanBenefit;
  /** What payers before made of the line; undefined = there was none. */
  readonly prior: PriorPayment | undefined;
}

/** What is left of the money maximums of the benefit, and which of the two is nearer. */
function maximumLeft(line: LineCase, { at, benefit }: Settlement): { readonly left: number | null; readonly carc: '119' | '35' } {
  const { maxCents, lifetimeMaxCents } = benefit;
  const yearly = maxCents === null ? null : leftOf(maxCents, maximumKey('money', line, at), at);
  const life = lifetimeMaxCents === null ? null : leftOf(lifetimeMaxCents, maximumKey('lifetime', line, at), at);
  return { left: smaller(yearly, life), carc: life !== null && (yearly === null || life < yearly) ? '35' : '119' };
}

/** What the plan pays of its own benefit behind the payers before. */
function coordinate(benefitCents: number, prior: PriorPayment | undefined, method: string): number {
  if (prior === undefined) return benefitCents;
  const own = method === 'carve-out' ? Math.max(0, benefitCents - prior.paidCents) : benefitCents;
  return Math.min(own, prior.patientCents);
}

function workOut(line: LineCase, settlement: Settlement): Amounts {
  const { terms, prior } = settlement;
  const { maximumCounts, cobMethod } = terms.settings;
  const { left, carc } = maximumLeft(line, settlement);
  const byAllowed = maximumCounts === 'allowed' && left !== null;
  const within = byAllowed ? Math.min(line.allowedCents, left) : line.allowedCents;
  // Maintenance of benefits shares only what the payers before left of the allowed amount.
  const base = cobMethod === 'maintenance-of-benefits' && prior !== undefined ? Math.max(0, within - prior.paidCents) : within;
  const share = shareCost(base, settlement);
  const benefitCents = base - share.deductibleCents - share.coinsuranceCents - share.copayCents;
  const coordinated = coordinate(benefitCents, prior, cobMethod);
  const paidCents = byAllowed || left === null ? coordinated : Math.min(coordinated, left);
  return {
    share,
    paidCents,
    countedCents: byAllowed ? within : paidCents,
    maximumCarc: carc,
  };
}

function add(at: ClaimCase, key: AccumulatorKey, amount: number): void {
  if (amount > 0) at.world.accumulators.add(key, amount);
}

/**
 * What meets the deductible: what the patient owes of it, behind another payer also what that one bore.
 *
 * @see NAIC Coordination of Benefits Model Regulation (120) § 7 A
 */
const deductibleMet = ({ share }: Amounts, parts: PatientParts, { prior, terms }: Settlement): number =>
  prior !== undefined && terms.settings.cobDeductible === 'credited' ? share.deductibleCents : parts.deductible;

/** What a line used up, in cents. */
interface UsedUp extends PatientParts {
  readonly deductibleMet: number;
  readonly countedCents: number;
}

/** Keeps what the line used up, for the next line and the next claim. What is beyond a maximum shares nothing. */
function accumulate(line: LineCase, { at, pots, benefit }: Settlement, used: UsedUp): void {
  const shared = used.deductible + used.coinsurance + used.copay;
  add(at, pots.deductible, used.deductibleMet);
  add(at, pots.familyDeductible, used.deductibleMet);
  add(at, pots.outOfPocket, shared);
  add(at, pots.familyOutOfPocket, shared);
  if (benefit.maxVisits !== null && isFurtherVisit(line, at)) add(at, maximumKey('visits', line, at), 1);
  if (benefit.maxCents !== null) add(at, maximumKey('money', line, at), used.countedCents);
  if (benefit.lifetimeMaxCents !== null) add(at, maximumKey('lifetime', line, at), used.countedCents);
  if (line.grant !== undefined) add(at, authorizationKey(line.grant, at), line.units);
}

function explainPrior(line: LineCase, { prior, terms }: Settlement): void {
  if (prior === undefined) return;
  const detail = `${prior.paidCents} paid before, ${prior.patientCents} left to the patient; ${terms.settings.cobMethod}`;
  line.reasons.push({ rule: 'PRIOR_PAYMENT', ...benefitEvidence(line), detail });
}

/** Prices a line that no rule denied, shares its cost, and keeps what it used up. */
export function settleLine(line: LineCase, settlement: Settlement): void {
  line.allowedCents = allowedOf(line, settlement.terms);
  line.reasons.push(explainPrice(line));
  explainPrior(line, settlement);
  const amounts = workOut(line, settlement);
  line.paidCents = amounts.paidCents;
  const parts = writeAdjustments(line, amounts, settlement.prior);
  const used = { ...parts, deductibleMet: deductibleMet(amounts, parts, settlement), countedCents: amounts.countedCents };
  explainShare(line, amounts, used);
  accumulate(line, settlement, used);
}
