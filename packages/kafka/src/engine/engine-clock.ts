import type { Clock } from '@vigil/core';

/** The present, and a way to be called later; the only timer of the engine. */
export interface EngineClock extends Clock {
  /** Calls `run` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/**
 * The clock of a stage. What it waits for and how long a patient was silent are spans of its own running: nobody who sets
 * the clock of the machine may stretch or shorten them.
 */
export interface StageClock extends EngineClock {
  /** Goes forward only and at its own rate, from what the machine's clock showed when the process began. */
  now(): number;
  /** What the machine's clock shows now: for what is held against the time stamps of records. */
  present(): number;
}

const after: EngineClock['after'] = (delayMs, run) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};

export const systemEngineClock: EngineClock = { now: () => Date.now(), after };

export const systemStageClock: StageClock = {
  // Whole, as time stamps of records are.
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  present: () => Date.now(),
  after,
};

export interface VirtualClock extends StageClock {
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
    present: () => nowMs,
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
