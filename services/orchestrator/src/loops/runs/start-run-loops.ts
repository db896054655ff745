import { workflowPools, type WorkflowPool } from '@vigil/contracts';
import { createLoop, type FailureHandlers, type Loop } from '@vigil/runtime';

type Next = 'again' | 'rest';

export interface RunLoopsOptions extends FailureHandlers {
  readonly dispatch: (pool: WorkflowPool) => Promise<Next>;
  /** Takes timers and what runs tell each other. */
  readonly takeDue: () => Promise<Next>;
  readonly loseDead: () => Promise<Next>;
  readonly relay: () => Promise<void>;
  readonly observe: () => Promise<void>;
  readonly prune: () => Promise<Next>;
  readonly pace: RunPace;
}

/** How often the loops look by themselves; what happens in this process nudges them. */
export interface RunPace {
  readonly dispatchMs: number;
  readonly dueMs: number;
  readonly leasesMs: number;
  readonly relayMs: number;
  readonly observeMs: number;
  readonly pruneMs: number;
  /** Shortest time between two writings of why parts wait. */
  readonly explainMs: number;
}

export const defaultRunPace: RunPace = {
  dispatchMs: 250,
  dueMs: 250,
  leasesMs: 1000,
  relayMs: 500,
  observeMs: 5000,
  pruneMs: 60_000,
  explainMs: 1000,
};

export interface RunLoops {
  readonly nudgePools: (pools: Iterable<WorkflowPool>) => void;
  readonly nudgeDue: () => void;
  readonly nudgeRelay: () => void;
  readonly close: () => Promise<void>;
}

/** Starts what the passing of time does to runs. */
export function startRunLoops({ dispatch, takeDue, loseDead, relay, observe, prune, pace, ...handlers }: RunLoopsOptions): RunLoops {
  const loopOf = (everyMs: number, turn: () => Promise<Next>): Loop => createLoop({ everyMs, turn, ...handlers });
  const rested = (work: () => Promise<void>) => async (): Promise<Next> => {
    await work();
    return 'rest';
  };
  const pools = new Map(workflowPools.map((pool) => [pool, loopOf(pace.dispatchMs, () => dispatch(pool))] as const));
  const due = loopOf(pace.dueMs, takeDue);
  const relaying = loopOf(pace.relayMs, rested(relay));
  const others = [loopOf(pace.leasesMs, loseDead), loopOf(pace.observeMs, rested(observe)), loopOf(pace.pruneMs, prune)];
  return {
    nudgePools: (names) => {
      for (const name of names) pools.get(name)?.nudge();
    },
    nudgeDue: due.nudge,
    nudgeRelay: relaying.nudge,
    // The relay is the last to end: what the others left is published.
    close: async () => {
      await Promise.all([...others, due, ...pools.values()].map((loop) => loop.close()));
      await relaying.close();
    },
  };
}
