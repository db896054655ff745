import type { KnownClaim } from '@vigil/contracts';

/** Decisions that were told about a claim; nobody was told of one that only waits. */
const toldOf = ({ status, decision, earlierDecisions }: KnownClaim): readonly string[] =>
  status === 'waiting' ? earlierDecisions : [...earlierDecisions, decision.decisionId];

interface Doubt {
  readonly decisionId: string;
  readonly key: string;
}

/** Keys of the book by the decisions that were told about their claims. No store: made again of what is restored. */
export class DecisionKeys {
  readonly #keys = new Map<string, string>();
  /** Of claims that were changed in the open batch: it depends on its end whether they go. */
  #doubtful: Doubt[] = [];

  keyOf(decisionId: string): string | undefined {
    return this.#keys.get(decisionId);
  }

  note(key: string, claim: KnownClaim): void {
    if (claim.status !== 'waiting') this.#keys.set(claim.decision.decisionId, key);
    for (const decisionId of claim.earlierDecisions) if (!this.#keys.has(decisionId)) this.#keys.set(decisionId, key);
  }

  /** The claim under that key is about to be another, or none. */
  doubt(key: string, claim: KnownClaim): void {
    this.#doubtful.push(...toldOf(claim).map((decisionId) => ({ decisionId, key })));
  }

  /** The batch is over: of what is doubtful that goes which no claim names any more. */
  settle(claimOf: (key: string) => KnownClaim | undefined): void {
    for (const { decisionId, key } of this.#doubtful) {
      const claim = claimOf(key);
      const isNamed = claim !== undefined && toldOf(claim).includes(decisionId);
      if (!isNamed && this.#keys.get(decisionId) === key) this.#keys.delete(decisionId);
    }
    this.#doubtful = [];
  }

  clear(): void {
    this.#keys.clear();
    this.#doubtful = [];
  }
}

/** Whether a decision is one that was told about the claim. */
export const isToldOf = (decisionId: string, claim: KnownClaim): boolean => toldOf(claim).includes(decisionId);
