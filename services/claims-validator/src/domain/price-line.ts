import { topics, type FeeScheduleChanged } from '@vigil/contracts';
import { networkTermsOf, noteVersion, type ClaimCase, type LineCase } from './claim-case.ts';
import { shareOf } from './money.ts';

const unit = 1000;

/** The price of the line in its network's schedule: of the procedure, on an institutional claim else of the revenue code. */
export function priceOf(line: LineCase, at: ClaimCase): FeeScheduleChanged | undefined {
  if (line.terms === undefined || line.day === null) return undefined;
  const { schedule } = networkTermsOf(at, line.terms);
  const { procedureCode, revenueCode, modifiers } = line.line;
  const of = { modifiers, day: line.day };
  const price = procedureCode === '' ? undefined : at.world.reference.price(schedule, procedureCode, of);
  const found = price ?? (revenueCode === '' ? undefined : at.world.reference.price(schedule, revenueCode, of));
  if (found !== undefined) noteVersion(at, topics.feeScheduleChanged.name, found.version);
  return found;
}

/** units × price, no more than the charge: fee schedules pay the lesser of the two. Without a price what is charged is allowed. */
export function allowedOf(price: FeeScheduleChanged | undefined, line: LineCase): number {
  if (price === undefined || line.terms === undefined) return line.chargeCents;
  const cents = shareOf(line.units, { numerator: price.unitCents, denominator: unit }, line.terms.settings.rounding);
  return Math.min(line.chargeCents, cents);
}
