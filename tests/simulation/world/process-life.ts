/** One process of the simulated fleet: what reaches it, and when. */
export interface ProcessLife {
  readonly name: string;
  readonly isAlive: boolean;
  readonly isReachable: boolean;
  /** Runs it in the process: later when that stands still, never when it is dead. */
  readonly deliver: (run: () => void) => void;
  readonly die: () => void;
  readonly pause: () => void;
  readonly wake: () => void;
  readonly cutOff: () => void;
  readonly reconnect: () => void;
}

export function createProcessLife(name: string): ProcessLife {
  let isAlive = true;
  // Troubles overlap: it goes on when the last of them is over.
  let pauses = 0;
  let cuts = 0;
  const waiting: (() => void)[] = [];
  return {
    name,
    get isAlive() {
      return isAlive;
    },
    get isReachable() {
      return isAlive && cuts === 0;
    },
    deliver(run) {
      if (!isAlive) return;
      if (pauses > 0) waiting.push(run);
      else run();
    },
    die() {
      isAlive = false;
      waiting.length = 0;
    },
    pause: () => void pauses++,
    wake() {
      pauses--;
      // One of them may make the process die or stand still again.
      while (pauses === 0 && isAlive && waiting.length > 0) (waiting.shift() as () => void)();
    },
    cutOff: () => void cuts++,
    reconnect: () => void cuts--,
  };
}
