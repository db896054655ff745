import type { Socket } from 'node:net';

/** What happens to bytes on their way. */
export type LinkWeather =
  | { readonly kind: 'clear' }
  /** Later by a latency and up to `jitterMs` more; all connections of a direction share the bandwidth. */
  | { readonly kind: 'slow'; readonly latencyMs: number; readonly jitterMs: number; readonly bytesPerSecond: number }
  /**
   * Nothing arrives and nobody is told, as with a cable pulled out: connections are accepted and stay silent. What was
   * sent meanwhile arrives late, when the weather clears, as TCP would deliver it.
   */
  | { readonly kind: 'dark' };

/** What one direction of a link shares among its connections. */
export interface Lane {
  readonly weather: () => LinkWeather;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** When the last byte that was let in has passed the bottleneck. */
  freeAtMs: number;
  carriedBytes: number;
  heldBytes: number;
}

type Parcel = { readonly dueMs: number } & ({ readonly bytes: Buffer } | { readonly end: 'fin' | 'reset' });

export interface LinkPipe {
  /** Delivers what is due; called again when the weather changed. */
  pump(): void;
  /** Drops what is on its way. */
  stop(): void;
}

export interface PipeEnds {
  readonly from: Socket;
  readonly to: Socket;
  /** Sees what comes in, before it is on its way; `drop` = it goes no further. */
  readonly inspect: (bytes: Buffer) => 'pass' | 'drop';
}

/** As much as waits in a network before the sender is slowed down. */
const mostWaitingBytes = 256 * 1024;

/** Carries bytes one way, in order, through the weather of its lane. */
export function createLinkPipe(lane: Lane, { from, to, inspect }: PipeEnds): LinkPipe {
  const queue: Parcel[] = [];
  let waitingBytes = 0;
  let lastDueMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let blocked = false;
  let stopped = false;

  const dueOf = (bytes: number): number => {
    const weather = lane.weather();
    const nowMs = performance.now();
    if (weather.kind !== 'slow') return (lastDueMs = Math.max(lastDueMs, nowMs));
    lane.freeAtMs = Math.max(lane.freeAtMs, nowMs) + (bytes * 1_000) / weather.bytesPerSecond;
    return (lastDueMs = Math.max(lastDueMs, lane.freeAtMs + weather.latencyMs + lane.random() * weather.jitterMs));
  };
  const deliver = (parcel: Parcel): void => {
    if ('end' in parcel) {
      if (parcel.end === 'fin') to.end();
      else to.resetAndDestroy();
      return;
    }
    if (to.destroyed) {
      // Nobody is there any more to take it; whoever sends must be told.
      from.resetAndDestroy();
      return;
    }
    waitingBytes -= parcel.bytes.length;
    lane.carriedBytes += parcel.bytes.length;
    blocked = !to.write(parcel.bytes);
  };
  const pump = (): void => {
    clearTimeout(timer);
    if (stopped) return;
    while (!blocked && lane.weather().kind !== 'dark') {
      const [head] = queue;
      if (!head) break;
      const waitMs = head.dueMs - performance.now();
      if (waitMs > 0) {
        timer = setTimeout(pump, waitMs);
        break;
      }
      queue.shift();
      deliver(head);
    }
    if (waitingBytes > mostWaitingBytes) from.pause();
    else from.resume();
  };
  const enqueue = (parcel: { readonly bytes: Buffer } | { readonly end: 'fin' | 'reset' }): void => {
    queue.push({ ...parcel, dueMs: dueOf('bytes' in parcel ? parcel.bytes.length : 0) });
    pump();
  };

  from.on('data', (bytes: Buffer) => {
    if (inspect(bytes) === 'drop' || stopped) return;
    if (lane.weather().kind === 'dark') lane.heldBytes += bytes.length;
    waitingBytes += bytes.length;
    enqueue({ bytes });
  });
  let ended = false;
  from.on('end', () => {
    ended = true;
    enqueue({ end: 'fin' });
  });
  // A reset is told by an error, or by a close without an end.
  from.on('error', () => undefined);
  from.on('close', () => {
    if (!ended) enqueue({ end: 'reset' });
  });
  to.on('drain', () => {
    blocked = false;
    pump();
  });
  return {
    pump,
    stop() {
      stopped = true;
      clearTimeout(timer);
      queue.length = 0;
    },
  };
}
