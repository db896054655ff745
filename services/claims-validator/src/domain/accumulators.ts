import type { ClaimCase, LineCase } from './claim-case.ts';
import type { AccumulatorKey } from './claim-world.ts';

/** The pots of the yearly limits: individual under the member, family under the policy. */
export interface SharePots {
  readonly planYear: number;
  readonly deductible: AccumulatorKey;
  readonly familyDeductible: AccumulatorKey;
  readonly outOfPocket: AccumulatorKey;
  readonly familyOutOfPocket: AccumulatorKey;
}

/** The pots of a line's plan year and the claim's network. */
export function sharePotsOf(line: LineCase, at: ClaimCase): SharePots {
  const { planYear } = line;
  const planId = at.planId;
  const network = at.network === 'in' ? 'in' : 'out';
  const { memberToken, policyToken } = at.claim;
  return {
    planYear,
    deductible: { owner: memberToken, planId, planYear, network, pot: 'deductible' },
    familyDeductible: { owner: policyToken, planId, planYear, network, pot: 'deductible' },
    outOfPocket: { owner: memberToken, planId, planYear, network, pot: 'out-of-pocket' },
    familyOutOfPocket: { owner: policyToken, planId, planYear, network, pot: 'out-of-pocket' },
  };
}

/** A maximum of the line's benefit: `visits` and `money` by plan year, `lifetime` for good. */
export function maximumKey(pot: 'visits' | 'money' | 'lifetime', line: LineCase, at: ClaimCase): AccumulatorKey {
  return {
    owner: at.claim.memberToken,
    planId: at.planId,
    planYear: pot === 'lifetime' ? 0 : line.planYear,
    network: line.terms.settings.maximumNetwork === 'separate' && at.network === 'out' ? 'out' : 'in',
    pot: `${pot}:${line.benefit?.service ?? ''}`,
  };
}

/** What is left of a limit: never below zero; null = there is no limit. */
export function leftOf(limit: number | null, key: AccumulatorKey, at: ClaimCase): number | null {
  return limit === null ? null : Math.max(0, limit - at.world.accumulators.of(key));
}

/** The smaller of two limits, null = none. */
export const smaller = (one: number | null, other: number | null): number | null =>
  one === null ? other : other === null ? one : Math.min(one, other);
