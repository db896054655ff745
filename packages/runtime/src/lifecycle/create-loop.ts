import { classifyError } from '@vigil/core';

export interface FailureHandlers {
  /** A dependency that is away: work goes on with the next turn. */
  readonly onTrouble: (error: unknown) => void;
  /** A fault of our own: the loop has ended. */
  readonly onFatal: (error: unknown) => void;
}

export interface LoopOptions extends FailureHandlers {
  /** Longest time between two turns. */
  readonly everyMs: number;
  /** One turn; `again` asks for the next one at once. Must end in bounded time. */
  readonly turn: () => Promise<'again' | 'rest'>;
}

export interface Loop {
  /** There may be something to do: the next turn begins at once, or right after the one under way. */
  readonly nudge: () => void;
  /** No turn begins any more; resolves when the one under way has ended. */
  readonly close: () => Promise<void>;
}

const passes: ReadonlySet<string> = new Set(['transient', 'dependency', 'fenced']);

/** Tells apart what passes and what does not. */
export function handleFailure(error: unknown, { onTrouble, onFatal }: FailureHandlers): void {
  if (passes.has(classifyError(error).kind)) onTrouble(error);
  else onFatal(error);
}

/** Repeats `turn` on time and on request, one at a time. */
export function createLoop({ everyMs, turn, onTrouble, onFatal }: LoopOptions): Loop {
  const state = { closed: false };
  let nudged = false;
  let wake = (): void => undefined;

  const rest = async (): Promise<void> => {
    if (nudged || state.closed) return;
    const woken = Promise.withResolvers<void>();
    wake = woken.resolve;
    const timer = setTimeout(woken.resolve, everyMs);
    await woken.promise;
    clearTimeout(timer);
  };
  const takeTurn = async (): Promise<void> => {
    nudged = false;
    try {
      if ((await turn()) === 'again') nudged = true;
    } catch (error) {
      if (!passes.has(classifyError(error).kind)) throw error;
      onTrouble(error);
      // What woke us may still be there: without this a dependency that is away would be asked without a pause.
      nudged = false;
    }
  };
  const run = async (): Promise<void> => {
    // Whoever made the loop has it in hand before its first turn.
    await Promise.resolve();
    while (!state.closed) {
      await takeTurn();
      await rest();
    }
  };
  const running = run().catch(onFatal);

  return {
    nudge: () => {
      nudged = true;
      wake();
    },
    close: async () => {
      state.closed = true;
      wake();
      await running;
    },
  };
}
