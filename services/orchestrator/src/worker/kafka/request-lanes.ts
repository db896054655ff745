import type { TaskRequested } from '@vigil/contracts';

/** A record of the request topic that waits for its turn; null = nothing to run stands there. */
export interface WaitingRequest {
  readonly request: TaskRequested | null;
  /** The position behind it. */
  readonly nextOffset: number;
}

/** One partition of the requests, as long as this worker owns it. */
export interface RequestLane {
  readonly partition: number;
  readonly waiting: WaitingRequest[];
  /** Behind what was started here. */
  position: number;
  /** What the group knows. */
  committed: number;
  isPaused: boolean;
  /** Everything from here on was read by this worker, and all that was published since then. */
  recalledFrom: number;
  recalledSinceMs: number;
}

export const openLane = (partition: number, position: number): RequestLane => ({
  partition,
  waiting: [],
  position,
  committed: position,
  isPaused: false,
  recalledFrom: position,
  recalledSinceMs: Infinity,
});

/** Takes what may start now: one of each lane in turn, so that no partition waits for another; what is nothing to run only moves on. */
export function takeStartable(lanes: Iterable<RequestLane>, free: () => number, take: (request: TaskRequested) => void): void {
  for (let hasMoved = true; hasMoved;) {
    hasMoved = false;
    for (const lane of lanes) {
      const [next] = lane.waiting;
      if (next === undefined || (next.request !== null && free() === 0)) continue;
      lane.waiting.shift();
      lane.position = next.nextOffset;
      hasMoved = true;
      if (next.request !== null) take(next.request);
    }
  }
}
