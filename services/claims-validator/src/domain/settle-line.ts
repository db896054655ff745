import { topics } from '@vigil/contracts';
import { leftOf, maximumKey, smaller, type SharePots } from './accumulators.ts';
import type { ClaimCase, LineCase } from './claim-case.ts';
import type { AccumulatorKey } from './claim-world.ts';
import { allowedOf, priceOf } from './price-line.ts';
import type { PriorPayment } from './prior-payment.ts';
import { benefitEvidence, isFurtherVisit } from './rules/benefit-rules.ts';
import { authorizationKey } from './rules/provider-rules.ts';
import { shareCost, type CostShare } from './share-cost.ts';

/** Where a line stands when its amounts are worked out. */
export interface Settlement {
  readonly at: ClaimCase;
  readonly pots: SharePots;
  /** What payers before made of the line; undefined = there was none. */
  readonly prior: PriorPayment | undefined;
}

/** Amounts of one line before they become adjustments, in cents. */
interface Amounts {
  readonly share: CostShare;
  /** What the plan pays. */
  readonly paidCents: number;
  /** What a money maximum took off the plan. */
  readonly overMaximumCents: number;
  readonly maximumCarc: '119' | '35';
}

/** What is left of the money maximums of the benefit, and which of the two is nearer. */
function maximumLeft(line: LineCase, at: ClaimCase): { readonly left: number | null; readonly carc: '119' | '35' } {
  const { maxCents = null, lifetimeMaxCents = null } = line.benefit ?? {};
  const yearly = maxCents === null ? null : leftOf(maxCents, maximumKey('money', line, at), at);
  const life = lifetimeMaxCents === null ? null : leftOf(lifetimeMaxCents, maximumKey('lifetime', line, at), at);
  return { left: smaller(yearly, life), carc: life !== null && (yearly === null || life < yearly) ? '35' : '119' };
}

/** The plan's own benefit, and what it pays of it behind the payers before: the three methods of coordination. */
function coordinate(benefitCents: number, prior: PriorPayment | undefined, method: string): number {
  if (prior === undefined) return benefitCents;
  const own = method === 'carve-out' ? Math.max(0, benefitCents - prior.paidCents) : benefitCents;
  return Math.min(own, prior.patientCents);
}

function workOut(line: LineCase, { at, pots, prior }: Settlement): Amounts {
  const settings = line.terms?.settings;
  const { left, carc } = maximumLeft(line, at);
  const counted = settings?.maximumCounts === 'allowed' && left !== null ? Math.min(line.allowedCents, left) : line.allowedCents;
  // Maintenance of benefits shares only what the payers before left of the allowed amount.
  const base = settings?.cobMethod === 'maintenance-of-benefits' && prior !== undefined ? Math.max(0, counted - prior.paidCents) : counted;
  const share = shareCost(base, line, { pots, at });
  const benefit = base - share.deductibleCents - share.coinsuranceCents - share.copayCents;
  const paid = coordinate(benefit, prior, settings?.cobMethod ?? '');
  const payable = settings?.maximumCounts === 'allowed' || left === null ? paid : Math.min(paid, left);
  return { share, paidCents: payable, overMaximumCents: line.allowedCents - counted + paid - payable, maximumCarc: carc };
}

function adjust(line: LineCase, [group, carc]: readonly [string, string], cents: number): void {
  if (cents > 0) line.adjustments.push({ group, carc, cents });
}

/** What the patient still owes of each part, the deductible first: a payer before may have borne some of it. */
function patientParts(owed: number, { share, overMaximumCents }: Amounts): readonly [number, number, number, number] {
  const deductible = Math.min(owed, share.deductibleCents);
  const coinsurance = Math.min(owed - deductible, share.coinsuranceCents);
  const copay = Math.min(owed - deductible - coinsurance, share.copayCents);
  return [deductible, coinsurance, copay, Math.min(owed - deductible - coinsurance - copay, overMaximumCents)];
}

function explain(line: LineCase, rule: string, detail: string): void {
  line.reasons.push({ rule, ...benefitEvidence(line), detail });
}

/**
 * Turns amounts into adjustments, so that paid + Σ adjustments = charge: OA-23 for what payers before paid and wrote off, PR for
 * what the patient owes of the plan's own cost sharing, CO-45 for the rest, which the provider's contract writes off. Nothing
 * that a payer before already told the provider is told again.
 *
 * @returns what counts against the deductible and the out-of-pocket maximum
 */
function writeAdjustments(
  line: LineCase,
  amounts: Amounts,
  prior: PriorPayment | undefined,
): { readonly deductible: number; readonly outOfPocket: number } {
  const { terms } = line;
  const left = prior === undefined ? line.chargeCents : Math.min(line.chargeCents, prior.patientCents);
  const open = left - amounts.paidCents;
  const owed = Math.min(open, Math.max(0, line.allowedCents - (prior?.paidCents ?? 0) - amounts.paidCents));
  const [deductible, coinsurance, copay, overMaximum] = patientParts(owed, amounts);
  const maximumGroup = terms?.groupOf(amounts.maximumCarc, 'PR') ?? 'PR';
  adjust(line, ['OA', '23'], line.chargeCents - left);
  adjust(line, [terms?.groupOf('45', 'CO') ?? 'CO', '45'], open - deductible - coinsurance - copay - overMaximum);
  adjust(line, ['PR', '1'], deductible);
  adjust(line, ['PR', '2'], coinsurance);
  adjust(line, ['PR', '3'], copay);
  adjust(line, [maximumGroup, amounts.maximumCarc], overMaximum);
  if (prior !== undefined)
    explain(
      line,
      'PRIOR_PAYMENT',
      `${prior.paidCents} paid before, ${prior.patientCents} left to the patient; ${terms?.settings.cobMethod ?? ''}`,
    );
  if (deductible > 0) explain(line, 'DEDUCTIBLE', `${deductible} cents`);
  if (coinsurance > 0) explain(line, 'COINSURANCE', `${coinsurance} cents`);
  if (copay > 0) explain(line, 'COPAY', `${copay} cents`);
  if (amounts.share.cappedCents > 0) explain(line, 'OUT_OF_POCKET', `${amounts.share.cappedCents} cents beyond the maximum are the plan's`);
  if (overMaximum > 0) explain(line, amounts.maximumCarc === '35' ? 'LIFETIME_USED' : 'MONEY_USED', `cut by ${overMaximum} cents`);
  return { deductible, outOfPocket: deductible + coinsurance + copay };
}

function add(at: ClaimCase, key: AccumulatorKey, amount: number): void {
  if (amount > 0) at.world.accumulators.add(key, amount);
}

/** Keeps what the line used up, for the next line and the next claim. */
function accumulate(line: LineCase, { at, pots }: Settlement, used: { readonly deductible: number; readonly outOfPocket: number }): void {
  add(at, pots.deductible, used.deductible);
  add(at, pots.familyDeductible, used.deductible);
  add(at, pots.outOfPocket, used.outOfPocket);
  add(at, pots.familyOutOfPocket, used.outOfPocket);
  const { benefit, terms } = line;
  if (benefit === undefined) return;
  const money = terms?.settings.maximumCounts === 'allowed' ? line.allowedCents : line.paidCents;
  if (benefit.maxVisits !== null && isFurtherVisit(line, at)) add(at, maximumKey('visits', line, at), 1);
  if (benefit.maxCents !== null) add(at, maximumKey('money', line, at), money);
  if (benefit.lifetimeMaxCents !== null) add(at, maximumKey('lifetime', line, at), money);
  if (line.authorization !== '') add(at, authorizationKey(line, at), line.units);
}

/** Prices a line that no rule denied, shares its cost, and keeps what it used up. */
export function settleLine(line: LineCase, settlement: Settlement): void {
  const { at, prior } = settlement;
  const price = priceOf(line, at);
  line.allowedCents = allowedOf(price, line);
  line.reasons.push({
    rule: 'FEE_SCHEDULE',
    table: topics.feeScheduleChanged.name,
    row: price === undefined ? '' : `${price.scheduleId} ${price.code} ${price.modifier}`.trimEnd(),
    version: price?.version ?? 0,
    detail:
      price === undefined
        ? `as charged: ${line.allowedCents}`
        : `${line.units} thousandths at ${price.unitCents} cents: ${line.allowedCents} allowed`,
  });
  const amounts = workOut(line, settlement);
  line.paidCents = amounts.paidCents;
  accumulate(line, settlement, writeAdjustments(line, amounts, prior));
}
