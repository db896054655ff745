import type { IdentityObserved } from '@vigil/contracts';

/** A sealed identity, or null where the registry withdrew the entry. */
export interface IdentityChange {
  readonly patientToken: string;
  readonly value: IdentityObserved | null;
}

const isRegistry = ({ source }: IdentityObserved): boolean => source !== 'claims';

/**
 * Whether `next` takes the place of `known`: a registry's entry before what claims tell, of claims the one that tells more,
 * of equals the later. So the result is the same in whatever order the partitions are read.
 */
export function replaces(next: IdentityObserved, known: IdentityObserved): boolean {
  if (isRegistry(next) !== isRegistry(known)) return isRegistry(next);
  if (next.told !== known.told) return next.told > known.told;
  return next.observedAt >= known.observedAt;
}

/** What is left of changes in log order, by patient: null where the last of them that counts is a withdrawal. */
export function bestIdentities(changes: readonly IdentityChange[]): ReadonlyMap<string, IdentityObserved | null> {
  const best = new Map<string, IdentityObserved | null>();
  for (const { patientToken, value } of changes) {
    const known = best.get(patientToken);
    if (value === null || !known || replaces(value, known)) best.set(patientToken, value);
  }
  return best;
}
