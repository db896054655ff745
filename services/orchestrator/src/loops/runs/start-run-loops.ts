import { workflowPools, type WorkflowPool } from '@vigil/contracts';
import { createLoop, type FailureHandlers, type Loop } from '@vigil/runtime';

type Next = 'again' | 'rest';

/** What was found waiting: by another process, or by time. */
export interface Found {
  readonly pools: readonly WorkflowPool[];
  readonly hasDue: boolean;
  readonly hasLeftOver: boolean;
}

/** The work of the loops; each piece ends in bounded time. */
export interface RunWork {
  /** Looks, cheaply, for what the other loops have to do. */
  readonly look: () => Promise<Found>;
  readonly dispatch: (pool: WorkflowPool) => Promise<Next>;
  /** Takes timers and what runs tell each other. */
  readonly takeDue: () => Promise<Next>;
  readonly loseDead: () => Promise<Next>;
  readonly relay: () => Promise<void>;
  readonly observe: () => Promise<void>;
  readonly prune: () => Promise<Next>;
}

export interface RunLoopsOptions extends RunWork, FailureHandlers {
  readonly pace: RunPace;
}

/** How often the loops look by themselves; what happens in this process nudges them. */
export interface RunPace {
  readonly lookMs: number;
  readonly leasesMs: number;
  readonly observeMs: number;
  readonly pruneMs: number;
  /** Shortest time between two writings of why parts wait. */
  readonly explainMs: number;
}

export const defaultRunPace: RunPace = { lookMs: 250, leasesMs: 1000, observeMs: 5000, pruneMs: 60_000, explainMs: 1000 };

/** Loops that are told when there is something to do look all the same, but seldom. */
const seldomMs = 10_000;

export interface RunLoops {
  readonly nudgePools: (pools: Iterable<WorkflowPool>) => void;
  readonly nudgeDue: () => void;
  readonly nudgeRelay: () => void;
  readonly close: () => Promise<void>;
}

/** Starts what the passing of time does to runs. One look finds what others left to do, so that an idle process asks one question. */
export function startRunLoops(options: RunLoopsOptions): RunLoops {
  const { look, dispatch, takeDue, loseDead, relay, observe, prune, pace, ...handlers } = options;
  const loopOf = (everyMs: number, turn: () => Promise<Next>): Loop => createLoop({ everyMs, turn, ...handlers });
  const rested = (work: () => Promise<void>) => async (): Promise<Next> => {
    await work();
    return 'rest';
  };
  const pools = new Map(workflowPools.map((pool) => [pool, loopOf(seldomMs, () => dispatch(pool))] as const));
  const due = loopOf(seldomMs, takeDue);
  const relaying = loopOf(seldomMs, rested(relay));
  const nudgePools = (names: Iterable<WorkflowPool>): void => {
    for (const name of names) pools.get(name)?.nudge();
  };
  const looking = loopOf(
    pace.lookMs,
    rested(async () => {
      const found = await look();
      nudgePools(found.pools);
      if (found.hasDue) due.nudge();
      if (found.hasLeftOver) relaying.nudge();
    }),
  );
  const others = [looking, loopOf(pace.leasesMs, loseDead), loopOf(pace.observeMs, rested(observe)), loopOf(pace.pruneMs, prune)];
  return {
    nudgePools,
    nudgeDue: due.nudge,
    nudgeRelay: relaying.nudge,
    // The relay is the last to end: what the others left is published.
    close: async () => {
      await Promise.all([...others, due, ...pools.values()].map((loop) => loop.close()));
      await relaying.close();
    },
  };
}
