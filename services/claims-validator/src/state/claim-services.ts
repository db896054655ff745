import type { KnownClaim } from '@vigil/contracts';
import type { Day, KnownService } from '../domain/claim-world.ts';

/** Above so many days a list is searched longer than a set. */
const fewDays = 8;

/** Days on which it has services, each once: mostly one. */
export function daysOf({ decision: { lines, serviceFrom } }: KnownClaim): readonly Day[] {
  const days: Day[] = [];
  for (const line of lines) {
    const day = line.serviceFrom ?? serviceFrom;
    if (day !== null && !(days.length <= fewDays && days.includes(day))) days.push(day);
  }
  return days.length <= fewDays ? days : [...new Set(days)];
}

/** Its services on a day. */
export function servicesOf({ decision, rendering }: KnownClaim, day: Day): readonly KnownService[] {
  const { claimId, scope, submissionId, providerId } = decision;
  return decision.lines.flatMap((of, index) => {
    if ((of.serviceFrom ?? decision.serviceFrom) !== day) return [];
    const { line, procedureCode, revenueCode, modifiers, unitsThousandths, chargeCents, paidCents, denied } = of;
    const renderingProviderId = rendering[index] ?? '';
    const service = { claimId, scope, submissionId, line, providerId, renderingProviderId, procedureCode, revenueCode, modifiers };
    return [{ ...service, serviceFrom: day, unitsThousandths, chargeCents, paidCents, denied }];
  });
}

/** A claim that stands in the index under a member and a day. */
export interface IndexEntry {
  readonly memberToken: string;
  readonly day: Day;
  readonly key: string;
}

/** Where a claim is to be found; nowhere unless it stands. */
export function entriesOf(key: string, claim: KnownClaim | undefined): readonly IndexEntry[] {
  if (claim?.status !== 'decided') return [];
  return daysOf(claim).map((day) => ({ memberToken: claim.decision.memberToken, day, key }));
}
