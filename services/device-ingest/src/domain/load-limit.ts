export interface LoadLimitSettings {
  /** Time to an acknowledgement beyond which it is held for a queue. */
  readonly targetMs: number;
  /** Items under way that are never refused. */
  readonly minItems: number;
  readonly maxItems: number;
}

export interface LoadLimit {
  /** Whether `items` more may be under way. */
  hasRoom(items: number): boolean;
  /** Items are under way now, asked for or not. @returns to be called once, when they are acknowledged or given up */
  enter(items: number, nowMs: number): (nowMs: number) => void;
  /** Items that may be under way at once. */
  limit(): number;
  inFlight(): number;
}

const decreaseFactor = 0.7;
/** Of what was acknowledged in time: a tenth more a round trip. */
const growShare = 0.1;

/**
 * How much the gateway may have under way, by how long acknowledgements take: it is itself a queue, and the lag downstream
 * tells nothing of records that have not reached Kafka. Additive increase while answers come in time, multiplicative
 * decrease when for two targets none did: one slow answer is a hiccup, only slow ones are a standing queue.
 *
 * @see Nichols, Jacobson: Controlling Queue Delay, 2012, for the standing queue
 */
export function createLoadLimit({ targetMs, minItems, maxItems }: LoadLimitSettings): LoadLimit {
  const intervalMs = 2 * targetMs;
  let limit = maxItems;
  let inFlight = 0;
  let inTimeAtMs = -Infinity;
  let decreasedAtMs = -Infinity;

  const learn = (items: number, tookMs: number, nowMs: number): void => {
    if (tookMs <= targetMs) {
      inTimeAtMs = nowMs;
      // What is not used up proves nothing about more.
      if (inFlight * 2 >= limit) limit = Math.min(maxItems, limit + items * growShare);
    } else if (nowMs - inTimeAtMs >= intervalMs && nowMs - decreasedAtMs >= intervalMs) {
      limit = Math.max(minItems, Math.min(limit, inFlight) * decreaseFactor);
      decreasedAtMs = nowMs;
    }
  };
  return {
    // A request that is larger than the limit must find its turn in a steady flow, too: half a limit free is enough for any.
    hasRoom: (items) => inFlight === 0 || inFlight + Math.min(items, limit / 2) <= limit,
    enter(items, enteredMs) {
      // With nothing before it a request has waited for nobody.
      if (inFlight === 0) inTimeAtMs = enteredMs;
      inFlight += items;
      return (nowMs) => {
        learn(items, nowMs - enteredMs, nowMs);
        inFlight -= items;
      };
    },
    limit: () => limit,
    inFlight: () => inFlight,
  };
}
