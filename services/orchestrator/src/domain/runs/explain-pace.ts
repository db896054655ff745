/** When it is worth reading a whole queue again to write beside its parts why they wait. */
export interface ExplainPace {
  isDue(pool: string, nowMs: number): boolean;
  /** @param changed  how many parts had another reason than before */
  explained(pool: string, nowMs: number, changed: number): void;
  /** Something of the pool changed: what was queued, handed out or given back. */
  stir(pool: string): void;
}

/** What others change, and who falls silent, is seen this much later than what this process does. */
const restFactor = 5;

/**
 * @param everyMs  shortest time between two explanations of a pool; where the last one found nothing new and nothing happened
 *   since, five times as long
 */
export function createExplainPace(everyMs: number): ExplainPace {
  const last = new Map<string, { readonly atMs: number; isCalm: boolean }>();
  return {
    isDue(pool, nowMs) {
      const known = last.get(pool);
      return known === undefined || nowMs - known.atMs >= (known.isCalm ? everyMs * restFactor : everyMs);
    },
    explained: (pool, nowMs, changed) => void last.set(pool, { atMs: nowMs, isCalm: changed === 0 }),
    stir(pool) {
      const known = last.get(pool);
      if (known) known.isCalm = false;
    },
  };
}
