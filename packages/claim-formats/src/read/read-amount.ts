import type { ParsedLine } from '../parsed-claim.ts';
import type { Problems } from './claim-read.ts';
import { centsOf, parseDecimal } from './decimal.ts';

/** So much is still counted exactly in sums of lines; beyond it is beyond every range. */
export const mostCents = 1_000_000_000_000;

/** Where an amount stands: service line `line`, 0 = the claim as a whole. */
export interface AmountPlace {
  readonly field: string;
  readonly line: number;
  readonly problems: Problems;
}

/**
 * Cents of a decimal text; null with `BAD_AMOUNT` where it has more than two decimals or is none. An amount beyond what is
 * counted is the most that is, with `AMOUNT_RANGE`: it is money, for a person to look at.
 */
export function readCents(text: string, { field, line, problems }: AmountPlace): number | null {
  const cents = centsOf(text);
  if (cents !== null && cents <= mostCents && cents >= -mostCents) return cents;
  const decimal = parseDecimal(text);
  if (decimal !== null && decimal.scale <= 2) {
    problems.add('workflow', 'AMOUNT_RANGE', field, line);
    return decimal.units < 0n ? -mostCents : mostCents;
  }
  problems.add('2', 'BAD_AMOUNT', field, line);
  return null;
}

/** Cents that another payer told: never below zero. Null, with a problem, where they are no such amount. */
export function readPayerCents(text: string, place: AmountPlace): number | null {
  const cents = readCents(text, place);
  if (cents === null || cents >= 0) return cents;
  place.problems.add('2', 'BAD_AMOUNT', place.field, place.line);
  return null;
}

/**
 * The lines with what the claim tells of their charges: where the charge of its only line cannot be read, the total is its
 * charge, so that a decision names the money that was asked for. Of several lines none is guessed.
 * @param told  `fields`: what of a line its charge is read from
 */
export function withTotalCharge<Line extends Pick<ParsedLine, 'chargeCents'>>(
  lines: readonly Line[],
  told: { readonly totalCents: number | null; readonly fields: readonly string[]; readonly problems: Problems },
): readonly Line[] {
  const { totalCents, fields, problems } = told;
  const [only] = lines;
  if (lines.length !== 1 || only?.chargeCents !== 0 || totalCents === null) return lines;
  const isUnread = problems.all.some(({ line, field }) => line === 1 && fields.includes(field));
  return isUnread ? [{ ...only, chargeCents: totalCents }] : lines;
}
