import type { ClaimAdjudicated } from '@vigil/contracts';
import { decisionProblems } from './assemble-remittances.ts';
import type { RemittanceProblem } from './check-remittance.ts';
import type { ClaimAmounts } from './remittance.ts';

/**
 * Why a decision is not paid: an equation of it does not hold, it takes back what nobody decided, or it belongs to a claim
 * with such a decision.
 */
export type HoldRule = RemittanceProblem['rule'] | 'reversal-of-unknown' | 'same-claim';

/** Names the claim of each decision: a reversal belongs to what it takes back, and to the correction that came with it. */
function claimsOf(decisions: readonly ClaimAdjudicated[]): (decision: ClaimAdjudicated) => string {
  const parents = new Map<string, string>();
  const rootOf = (name: string): string => {
    let root = name;
    for (let parent = parents.get(root); parent !== undefined; parent = parents.get(root)) root = parent;
    return root;
  };
  for (const { decisionId, submissionId, reverses } of decisions) {
    for (const name of [`submission ${submissionId}`, ...(reverses === null ? [] : [`decision ${reverses}`])]) {
      const [from, to] = [rootOf(name), rootOf(`decision ${decisionId}`)];
      if (from !== to) parents.set(from, to);
    }
  }
  return ({ decisionId }) => rootOf(`decision ${decisionId}`);
}

function ruleOf(decision: ClaimAdjudicated, original: ClaimAmounts | undefined): HoldRule | undefined {
  if (decision.kind === 'reversal' && !original) return 'reversal-of-unknown';
  return decisionProblems(decision, original)[0]?.rule;
}

/**
 * The decisions that a payment must not hold: those that are wrong, and whatever else of the same claims is to be paid now.
 * A reversal without what it takes back, or a correction without its reversal, would pay the wrong amount.
 *
 * @param originals  what reversals take back, by its decision
 * @returns why, by decision; empty = everything may be paid
 */
export function heldBack(
  decisions: readonly ClaimAdjudicated[],
  originals: ReadonlyMap<string, ClaimAmounts>,
): ReadonlyMap<string, HoldRule> {
  const wrong = new Map<string, HoldRule>();
  for (const decision of decisions) {
    const rule = ruleOf(decision, originals.get(decision.reverses ?? ''));
    if (rule) wrong.set(decision.decisionId, rule);
  }
  if (wrong.size === 0) return wrong;
  const claimOf = claimsOf(decisions);
  const claims = new Set(decisions.filter(({ decisionId }) => wrong.has(decisionId)).map(claimOf));
  const held = decisions.filter((decision) => claims.has(claimOf(decision)));
  return new Map(held.map(({ decisionId }) => [decisionId, wrong.get(decisionId) ?? 'same-claim']));
}
