import { classifyError } from '@vigil/core';

export interface WakeLoopOptions {
  /** One turn; how long it may rest until the next one. Must end in bounded time. */
  readonly turn: () => Promise<number>;
  /** After a turn that failed. */
  readonly restMs: number;
  /** A dependency that is away: work goes on with a later turn. */
  readonly onTrouble: (error: unknown) => void;
  /** A fault of our own: the loop has ended. */
  readonly onFatal: (error: unknown) => void;
}

export interface WakeLoop {
  /** There may be something to do: the next turn begins at once, or right after the one under way. */
  readonly nudge: () => void;
  /** No turn begins any more; resolves when the one under way has ended. */
  readonly close: () => Promise<void>;
}

const passes: ReadonlySet<string> = new Set(['transient', 'dependency', 'fenced']);

/** Repeats `turn` when it asks to be repeated, and on request; one at a time. */
export function createWakeLoop({ turn, restMs, onTrouble, onFatal }: WakeLoopOptions): WakeLoop {
  const state = { closed: false, nudged: false };
  let wake = (): void => undefined;

  const rest = async (ms: number): Promise<void> => {
    if (state.nudged || state.closed) return;
    const woken = Promise.withResolvers<void>();
    wake = woken.resolve;
    const timer = setTimeout(woken.resolve, Math.max(0, ms));
    await woken.promise;
    clearTimeout(timer);
  };
  const takeTurn = async (): Promise<number> => {
    state.nudged = false;
    try {
      return await turn();
    } catch (error) {
      if (!passes.has(classifyError(error).kind)) throw error;
      onTrouble(error);
      // What woke us may still be there: a dependency that is away must not be asked without a pause.
      state.nudged = false;
      return restMs;
    }
  };
  const run = async (): Promise<void> => {
    // Whoever made the loop has it in hand before its first turn.
    await Promise.resolve();
    while (!state.closed) await rest(await takeTurn());
  };
  const running = run().catch(onFatal);

  return {
    nudge: () => {
      state.nudged = true;
      wake();
    },
    close: async () => {
      state.closed = true;
      wake();
      await running;
    },
  };
}
