import type { Clock } from '@vigil/core';

/** The present, and a way to be called later; the only timer of the engine. */
export interface EngineClock extends Clock {
  /** Calls `run` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemEngineClock: EngineClock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

export interface VirtualClock extends EngineClock {
  /** Moves the present, running on its way what was asked for, in order of time. */
  advance(ms: number): void;
}

/** A clock that moves only when told: for tests and simulation. */
export function createVirtualClock(startMs: number): VirtualClock {
  let nowMs = startMs;
  const waiting = new Set<{ readonly dueMs: number; readonly run: () => void }>();
  const nextDue = (untilMs: number) => {
    let next: { readonly dueMs: number; readonly run: () => void } | undefined;
    for (const timer of waiting) if (timer.dueMs <= untilMs && (!next || timer.dueMs < next.dueMs)) next = timer;
    return next;
  };
  return {
    now: () => nowMs,
    after(delayMs, run) {
      const timer = { dueMs: nowMs + delayMs, run };
      waiting.add(timer);
      return () => void waiting.delete(timer);
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (let timer = nextDue(untilMs); timer; timer = nextDue(untilMs)) {
        waiting.delete(timer);
        nowMs = Math.max(nowMs, timer.dueMs);
        timer.run();
      }
      nowMs = untilMs;
    },
  };
}
