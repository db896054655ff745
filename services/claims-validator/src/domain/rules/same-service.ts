import { standingServices, type ClaimCase, type LineCase } from '../claim-case.ts';
import type { KnownService } from '../claim-world.ts';

/** Modifiers that say: the same service again, on purpose. */
const repeats = new Set(['76', '77', '91', '59', 'XE', 'XS', 'XP', 'XU']);

export const saysRepeat = (modifiers: readonly string[]): boolean => {
  for (const modifier of modifiers) if (repeats.has(modifier)) return true;
  return false;
};

export function sameModifiers(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

/** What was decided before for the code of a line on its day and not denied; usually nothing. */
export function earlierServices(line: LineCase, at: ClaimCase): readonly KnownService[] {
  if (line.day === null) return [];
  const services = standingServices(at, line.day);
  return services.length === 0 ? services : services.filter((known) => !known.denied && codeOf(known) === line.code);
}

export const codeOf = (known: KnownService): string => (known.procedureCode === '' ? known.revenueCode : known.procedureCode);
