export interface AdmissionSettings {
  /** Lag at which the gateway begins to hold back. */
  readonly highLagSeconds: number;
  /** Lag below which it lets go again. */
  readonly lowLagSeconds: number;
  /** Items a second that are never refused. */
  readonly minRate: number;
  /** Items a second at which holding back ends. */
  readonly maxRate: number;
  /** Items a second that are added for each second of low lag. */
  readonly increasePerSecond: number;
}

export type Admittance = { readonly admitted: true } | { readonly admitted: false; readonly retryAfterSeconds: number };

export interface Admission {
  /** Tells the greatest lag of the groups downstream; about once a second. */
  observeLag(lagSeconds: number, nowMs: number): void;
  /** Asks for `items` at once. */
  request(items: number, nowMs: number): Admittance;
  /** Counts items that are let in without asking. */
  admit(items: number, nowMs: number): void;
  /** Items a second that are let in; null = as many as come. */
  rate(): number | null;
}

const decreaseFactor = 0.5;
/** A decrease shows in the lag only after what was let in before has been worked off. */
const decreasePauseMs = 5000;
const longestRetrySeconds = 60;
/** Up to this share of the rate that was too much, the rate grows fast; beyond, while it binds, by little. */
const safeShare = 0.8;
const probeShare = 0.03;

/**
 * Back-pressure at the front door: additive increase, multiplicative decrease of the admitted rate, with hysteresis.
 *
 * Open until the lag reaches the high mark; then half the rate of the last seconds, halved again while the lag is not
 * falling. Below the low mark the rate grows until it no longer binds; near the rate that was too much before it only feels
 * its way while requests are still refused, by steps that double as long as the lag stays low: an overload that lasts would
 * swing the lag up and down otherwise. Between the marks nothing changes: no flapping.
 */
export function createAdmission(settings: AdmissionSettings): Admission {
  const { highLagSeconds, lowLagSeconds, minRate, maxRate, increasePerSecond } = settings;
  let rate: number | null = null;
  let tokens = 0;
  let filledAtMs = 0;
  let lastLag = 0;
  let sampledAtMs: number | null = null;
  let decreasedAtMs = -Infinity;
  let admittedSinceSample = 0;
  let refusedSinceSample = 0;
  let tooMuch = Infinity;
  let probes = 0;

  const refill = (nowMs: number): void => {
    if (rate !== null) tokens = Math.min(rate, tokens + (rate * Math.max(0, nowMs - filledAtMs)) / 1000);
    filledAtMs = Math.max(filledAtMs, nowMs);
  };
  const admit = (items: number, nowMs: number): void => {
    refill(nowMs);
    admittedSinceSample += items;
    // Let in without asking they count against what is asked for next, but never lock it out for longer than a second.
    if (rate !== null) tokens = Math.max(-rate, tokens - items);
  };
  const decrease = (from: number, nowMs: number): void => {
    tooMuch = from;
    probes = 0;
    rate = Math.min(maxRate, Math.max(minRate, from * decreaseFactor));
    tokens = Math.min(tokens, rate);
    decreasedAtMs = nowMs;
  };
  const increase = (from: number, seconds: number): void => {
    const safe = safeShare * tooMuch;
    const fast = from + increasePerSecond * seconds;
    const binds = refusedSinceSample > 0;
    const grown = binds && fast > safe ? Math.min(fast, Math.max(from, safe) + probeShare * tooMuch * 2 ** probes++) : fast;
    rate = grown >= maxRate ? null : grown;
  };

  return {
    observeLag(lagSeconds, nowMs) {
      refill(nowMs);
      const seconds = sampledAtMs === null ? 1 : Math.max(0.001, (nowMs - sampledAtMs) / 1000);
      const falling = lagSeconds < lastLag;
      if (lagSeconds >= highLagSeconds && (rate === null || (!falling && nowMs - decreasedAtMs >= decreasePauseMs))) {
        decrease(Math.min(rate ?? Infinity, admittedSinceSample / seconds), nowMs);
      } else if (lagSeconds < lowLagSeconds && rate !== null) increase(rate, seconds);
      else probes = 0;
      lastLag = lagSeconds;
      sampledAtMs = nowMs;
      admittedSinceSample = 0;
      refusedSinceSample = 0;
    },
    request(items, nowMs) {
      refill(nowMs);
      // A request larger than a second's worth must get in some time: it waits for a full bucket and overdraws it.
      const needed = rate === null ? 0 : Math.min(items, rate);
      if (rate === null || tokens >= needed) {
        admit(items, nowMs);
        return { admitted: true };
      }
      refusedSinceSample += items;
      return { admitted: false, retryAfterSeconds: Math.min(longestRetrySeconds, Math.max(1, Math.ceil((needed - tokens) / rate))) };
    },
    admit,
    rate: () => rate,
  };
}
