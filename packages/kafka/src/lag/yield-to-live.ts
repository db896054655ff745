import type { Clock } from '@vigil/core';
import { liveLagOf } from './live-lag.ts';
import type { ObservedLags } from './observed-lags.ts';

export interface YieldOptions {
  readonly observed: Pick<ObservedLags, 'read'>;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  /** Told when it begins to wait and when it goes on. */
  readonly onWaiting?: (waiting: boolean, lagSeconds: number) => void;
  /** Lag at which a batch stops; below that at which the gateway holds devices back. */
  readonly highLagSeconds?: number;
  /** Lag at which it goes on. */
  readonly lowLagSeconds?: number;
}

const lookEveryMs = 1000;

/**
 * A gate for what can wait: replays, files, back-loads. They are slowed before any device is: they stop while the live stream is
 * behind by 2 s and go on below 1 s. While the lag observer is silent nobody knows, and they go on: the brokers' quotas
 * and the gateway's own look still hold.
 *
 * @returns call it before each request; it resolves when the request may go out
 */
export function createYieldToLive(options: YieldOptions): () => Promise<void> {
  const { observed, clock, sleep, onWaiting, highLagSeconds = 2, lowLagSeconds = 1 } = options;
  let lookedAtMs = -Infinity;
  let waiting = false;
  const look = async (): Promise<void> => {
    // An observer that cannot be read is a silent one: the batch has a connection of its own that tells of a broker that is away.
    const known = await observed.read(0).catch(() => new Map());
    const lag = liveLagOf(known, clock.now())?.lagSeconds ?? 0;
    lookedAtMs = clock.now();
    const next = lag >= (waiting ? lowLagSeconds : highLagSeconds);
    if (next !== waiting) onWaiting?.(next, lag);
    waiting = next;
  };
  return async () => {
    if (clock.now() - lookedAtMs >= lookEveryMs) await look();
    while (waiting) {
      await sleep(lookEveryMs);
      await look();
    }
  };
}
