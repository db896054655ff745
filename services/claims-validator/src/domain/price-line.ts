import { topics, type FeeScheduleChanged } from '@vigil/contracts';
import { networkTermsOf, noteVersion, type ClaimCase, type LineCase } from './claim-case.ts';
import { shareOf } from './money.ts';
import type { PlanTerms } from './plan-terms.ts';

const unit = 1000;

/** The price of the line in its network's schedule: of the procedure, on an institutional claim else of the revenue code. */
export function priceOf(line: LineCase, at: ClaimCase): FeeScheduleChanged | undefined {
  const { schedule } = networkTermsOf(at, line.terms);
  const { procedureCode, revenueCode, modifiers } = line.line;
  const of = { modifiers, day: line.day };
  const price = procedureCode === '' ? undefined : at.world.reference.price(schedule, procedureCode, of);
  const found = price ?? (revenueCode === '' ? undefined : at.world.reference.price(schedule, revenueCode, of));
  if (found !== undefined) noteVersion(at, topics.feeScheduleChanged.name, found.version);
  return found;
}

/** units × price, no more than the charge: fee schedules pay the lesser of the two. Without a price what is charged is allowed. */
export function allowedOf({ price, units, chargeCents }: LineCase, { settings }: PlanTerms): number {
  if (price === undefined) return chargeCents;
  return Math.min(chargeCents, shareOf(units, { numerator: price.unitCents, denominator: unit }, settings.rounding));
}
