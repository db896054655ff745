export interface RetrySchedule {
  /** Delay before the next attempt: full jitter, U(0, min(cap, base · 2ⁿ)). */
  next(): { readonly attempt: number; readonly delayMs: number };
  reset(): void;
}

export function createRetrySchedule(
  limits: { readonly retryBaseMs: number; readonly retryCapMs: number },
  random: () => number,
): RetrySchedule {
  let failures = 0;
  return {
    next() {
      const most = Math.min(limits.retryCapMs, limits.retryBaseMs * 2 ** Math.min(failures, 30));
      failures++;
      return { attempt: failures, delayMs: Math.round(random() * most) };
    },
    reset: () => void (failures = 0),
  };
}
