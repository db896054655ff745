import type { Clock } from '@vigil/core';

export interface RateLimit {
  /** Counts one request of `key`; answers 0 where it is let through, else the seconds to wait. */
  take(key: string): number;
}

export interface RateLimitOptions {
  readonly requests: number;
  readonly perMs: number;
  readonly clock: Clock;
}

/** At most `requests` in any `perMs` milliseconds for each key; what is refused does not count. */
export function createRateLimit({ requests, perMs, clock }: RateLimitOptions): RateLimit {
  const taken = new Map<string, number[]>();
  return {
    take: (key) => {
      const nowMs = clock.now();
      const recent = (taken.get(key) ?? []).filter((at) => at > nowMs - perMs);
      taken.set(key, recent);
      const oldest = recent[0];
      if (recent.length >= requests && oldest !== undefined) return Math.max(1, Math.ceil((oldest + perMs - nowMs) / 1000));
      recent.push(nowMs);
      return 0;
    },
  };
}
