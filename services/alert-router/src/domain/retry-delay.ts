const baseMs = 250;
const capMs = 10_000;

/** Full jitter: U(0, min(cap, base·2ⁿ)), never sooner than the provider asked for; attempts are unlimited. */
export function retryDelayMs(attempt: number, random: number, retryAfterMs: number | null): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 20));
  return Math.round((retryAfterMs ?? 0) + random * ceiling);
}
