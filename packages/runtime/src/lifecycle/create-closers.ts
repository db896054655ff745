import { VigilError, type Clock } from '@vigil/core';

export type Close = () => Promise<void> | void;

/** Registers the clean-up of a resource right after the resource was opened. */
export type OnClose = (name: string, close: Close) => void;

export interface ClosingFailure {
  readonly name: string;
  readonly error: unknown;
}

export interface Closers {
  readonly onClose: OnClose;
  /**
   * Closes everything, last opened first, whether or not one fails; what is not done within `withinMs` of all is left.
   * Called twice it closes once.
   */
  closeAll(withinMs: number): Promise<readonly ClosingFailure[]>;
}

interface Resource {
  readonly name: string;
  readonly close: Close;
}

async function closeOne({ name, close }: Resource, withinMs: number): Promise<ClosingFailure | null> {
  const timer = Promise.withResolvers<never>();
  const timeout = setTimeout(() => timer.reject(new VigilError('TIMED_OUT', { detail: `Closing ${name}.` })), Math.max(withinMs, 0));
  try {
    await Promise.race([Promise.resolve().then(close), timer.promise]);
    return null;
  } catch (error) {
    return { name, error };
  } finally {
    clearTimeout(timeout);
  }
}

export function createClosers(clock: Clock): Closers {
  const resources: Resource[] = [];
  return {
    onClose: (name, close) => {
      resources.push({ name, close });
    },
    closeAll: async (withinMs) => {
      const deadline = clock.now() + withinMs;
      const failures: ClosingFailure[] = [];
      for (let resource = resources.pop(); resource !== undefined; resource = resources.pop()) {
        const failure = await closeOne(resource, deadline - clock.now());
        if (failure !== null) failures.push(failure);
      }
      return failures;
    },
  };
}
