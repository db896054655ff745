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
   * What is opened while closing is closed at once: a stop that comes during the start leaves nothing behind.
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
  let closeLateComer: ((resource: Resource) => void) | null = null;
  return {
    onClose: (name, close) => {
      const resource = { name, close };
      if (closeLateComer === null) resources.push(resource);
      else closeLateComer(resource);
    },
    closeAll: async (withinMs) => {
      const deadline = clock.now() + withinMs;
      const failures: ClosingFailure[] = [];
      const late: Promise<void>[] = [];
      const close = async (resource: Resource): Promise<void> => {
        const failure = await closeOne(resource, deadline - clock.now());
        if (failure !== null) failures.push(failure);
      };
      closeLateComer = (resource) => {
        late.push(close(resource));
      };
      for (let resource = resources.pop(); resource !== undefined; resource = resources.pop()) await close(resource);
      await Promise.all(late);
      return failures;
    },
  };
}
