export const channels = ['pagerduty', 'slack', 'email'] as const;
export type ProviderChannel = (typeof channels)[number];

/**
 * How a provider misbehaves from now on.
 *
 * - `fail`  answers `status` (with `retryAfterSeconds` where given)
 * - `slow`  answers rightly after `delayMs`
 * - `down`  closes the connection without an answer
 * - `deaf`  accepts the event and closes the connection before the answer: the sender cannot know
 */
export type Fault =
  | { readonly kind: 'fail'; readonly status: number; readonly retryAfterSeconds?: number | undefined }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'down' }
  | { readonly kind: 'deaf' };

export interface FaultPlan {
  /** Misbehaves for the next `times` requests; without it until `heal`. */
  set(channel: ProviderChannel, fault: Fault, times?: number): void;
  heal(channel?: ProviderChannel): void;
  /** The fault of the next request, which is then used up. */
  next(channel: ProviderChannel): Fault | undefined;
  /** The fault in force, without using it up. */
  peek(channel: ProviderChannel): Fault | undefined;
}

export function createFaultPlan(): FaultPlan {
  const faults = new Map<ProviderChannel, { readonly fault: Fault; left: number }>();
  const peek = (channel: ProviderChannel): Fault | undefined => {
    const planned = faults.get(channel);
    return planned && planned.left > 0 ? planned.fault : undefined;
  };
  return {
    peek,
    set: (channel, fault, times = Number.POSITIVE_INFINITY) => void faults.set(channel, { fault, left: times }),
    heal: (channel) => {
      if (channel === undefined) faults.clear();
      else faults.delete(channel);
    },
    next: (channel) => {
      const fault = peek(channel);
      const planned = faults.get(channel);
      if (planned) planned.left -= 1;
      return fault;
    },
  };
}
