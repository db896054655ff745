import type { IdentityObserved, IdentitySource } from '@vigil/contracts';

/** A sealed identity, or null where whoever told it withdrew it. */
export interface IdentityChange {
  readonly patientToken: string;
  /** Who tells or withdraws it, as the record's key says. */
  readonly source: IdentitySource;
  readonly value: IdentityObserved | null;
}

/** What changes in log order come to for one patient: first the row is emptied, then what was told takes its place. */
export interface IdentityEffect {
  /** `all` = the registry withdrew the patient; `claims` = only what claims told. */
  readonly emptied: 'nothing' | 'claims' | 'all';
  /** The best of what stands after it; null = nothing was told. */
  readonly best: IdentityObserved | null;
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

const untouched: IdentityEffect = { emptied: 'nothing', best: null };

function withdraw({ emptied, best }: IdentityEffect, source: IdentitySource): IdentityEffect {
  if (source === 'registry') return { emptied: 'all', best: null };
  return { emptied: emptied === 'all' ? 'all' : 'claims', best: best && isRegistry(best) ? best : null };
}

/**
 * What changes in log order come to, by patient. A withdrawal is not forgotten when something is told after it: what the
 * table holds from earlier batches has to go first. What claims withdraw takes nothing from a registry.
 */
export function identityEffects(changes: readonly IdentityChange[]): ReadonlyMap<string, IdentityEffect> {
  const effects = new Map<string, IdentityEffect>();
  for (const { patientToken, source, value } of changes) {
    const known = effects.get(patientToken) ?? untouched;
    if (value === null) effects.set(patientToken, withdraw(known, source));
    else if (!known.best || replaces(value, known.best)) effects.set(patientToken, { ...known, best: value });
  }
  return effects;
}
