import { admit, closedBreaker, report, type Breaker } from './breaker.ts';
import type { Verdict } from './classify-answer.ts';

/** What stands between us and one key of one channel: its breaker, and the time that the provider asked us to wait. */
export interface Gate {
  readonly breaker: Breaker;
  readonly waitUntil: number;
}

export const openGate: Gate = { breaker: closedBreaker, waitUntil: 0 };

export interface Passage {
  readonly passes: boolean;
  readonly gate: Gate;
  /** When to ask again, where it does not pass. */
  readonly until: number;
}

/** Whether a message may be sent now. */
export function ask(gate: Gate, nowMs: number): Passage {
  if (gate.waitUntil > nowMs) return { passes: false, gate, until: gate.waitUntil };
  const { admitted, breaker, until } = admit(gate.breaker, nowMs);
  return { passes: admitted, gate: { ...gate, breaker }, until };
}

/** The gate after an answer. Refusals of the 4xx class leave the breaker as it is; a probe that gets one has been answered. */
export function learn(gate: Gate, verdict: Verdict, { nowMs, restMs }: { nowMs: number; restMs: number }): Gate {
  const waitUntil = verdict.retryAfterMs === null ? gate.waitUntil : Math.max(gate.waitUntil, nowMs + verdict.retryAfterMs);
  const counts = verdict.isFailure || verdict.outcome === 'accepted' || gate.breaker.phase !== 'closed';
  return { waitUntil, breaker: counts ? report(gate.breaker, verdict.isFailure, { nowMs, restMs }) : gate.breaker };
}
