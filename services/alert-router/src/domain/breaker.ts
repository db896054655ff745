/**
 * The breaker of one key of one channel: opens after 5 failures in a row or when half of the last 20 calls failed;
 * after the rest time one probe is let through. Answers of the 4xx class say nothing about the provider's health and
 * are not reported to it.
 */
export interface Breaker {
  readonly phase: 'closed' | 'open' | 'probing';
  /** Last outcomes, newest last, true = failed. */
  readonly recent: readonly boolean[];
  readonly consecutive: number;
  readonly restUntil: number;
}

const consecutiveLimit = 5;
const window = 20;
const ratioLimit = 0.5;

export const closedBreaker: Breaker = { phase: 'closed', recent: [], consecutive: 0, restUntil: 0 };

/** Whether a call may be made now; `breaker` is the state after it was let through. */
export function admit(breaker: Breaker, nowMs: number): { readonly admitted: boolean; readonly breaker: Breaker; readonly until: number } {
  if (breaker.phase === 'closed') return { admitted: true, breaker, until: nowMs };
  if (breaker.restUntil > nowMs) {
    return {
      admitted: false,
      breaker,
      until: breaker.phase === 'open' ? breaker.restUntil : Math.min(breaker.restUntil, nowMs + askAgainMs),
    };
  }
  return { admitted: true, breaker: { ...breaker, phase: 'probing', restUntil: nowMs + probeMs }, until: nowMs };
}

/** How long a probe that nothing is heard of keeps others waiting; whether it was heard of is asked more often. */
const probeMs = 10_000;
const askAgainMs = 500;

/** The state after a call ended. */
export function report(breaker: Breaker, failed: boolean, { nowMs, restMs }: { nowMs: number; restMs: number }): Breaker {
  if (!failed && breaker.phase !== 'closed') return closedBreaker;
  const recent = [...breaker.recent, failed].slice(-window);
  const consecutive = failed ? breaker.consecutive + 1 : 0;
  const failures = recent.filter(Boolean).length;
  const trips =
    failed &&
    (breaker.phase !== 'closed' || consecutive >= consecutiveLimit || (recent.length >= window && failures >= window * ratioLimit));
  return trips ? { phase: 'open', recent, consecutive, restUntil: nowMs + restMs } : { ...breaker, recent, consecutive };
}
