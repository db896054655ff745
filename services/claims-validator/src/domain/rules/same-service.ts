import { standingServices, type ClaimCase, type LineCase } from '../claim-case.ts';
import type { KnownService } from '../claim-world.ts';

/** Modifiers that tell a service from the one before it: repeated on purpose, separate, or on another part of the body. */
const distinct = new Set(
  '76 77 91 59 XE XS XP XU LT RT E1 E2 E3 E4 FA F1 F2 F3 F4 F5 F6 F7 F8 F9 TA T1 T2 T3 T4 T5 T6 T7 T8 T9 LC LD RC LM RI'.split(' '),
);

/** Whether a service says why it is not the other one: by a modifier of that kind that the other does not have. */
export function isToldApart(modifiers: readonly string[], from: readonly string[]): boolean {
  for (const modifier of modifiers) if (distinct.has(modifier) && !from.includes(modifier)) return true;
  return false;
}

export function sameModifiers(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

/** What was decided before for the code of a line on its day and not denied; usually nothing. */
export function earlierServices(line: LineCase, at: ClaimCase): readonly KnownService[] {
  const services = standingServices(at, line.day);
  return services.length === 0 ? services : services.filter((known) => !known.denied && codeOf(known) === line.code);
}

export const codeOf = (known: KnownService): string => (known.procedureCode === '' ? known.revenueCode : known.procedureCode);
