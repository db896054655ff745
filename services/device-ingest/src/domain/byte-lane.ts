export interface ByteLane {
  /**
   * Takes room for `bytes`, waiting for it in turn.
   *
   * @returns gives the room back, once; null where more wait already than the lane allows, or the signal came first
   */
  acquire(bytes: number, signal: AbortSignal): Promise<(() => void) | null>;
}

export interface ByteLaneSettings {
  readonly maxBytes: number;
  readonly maxWaiting: number;
}

interface Waiting {
  readonly bytes: number;
  readonly start: () => void;
}

/** Bounds how many bytes are held at once; who comes later waits in order of arrival, whatever its size. */
export function createByteLane({ maxBytes, maxWaiting }: ByteLaneSettings): ByteLane {
  let held = 0;
  const waiting = new Set<Waiting>();

  const release = (bytes: number) => (): void => {
    held -= bytes;
    for (const next of waiting) {
      if (held + next.bytes > maxBytes) return;
      waiting.delete(next);
      held += next.bytes;
      next.start();
    }
  };
  return {
    acquire(wanted, signal) {
      const bytes = Math.min(wanted, maxBytes);
      if (waiting.size === 0 && held + bytes <= maxBytes) {
        held += bytes;
        return Promise.resolve(release(bytes));
      }
      if (signal.aborted || waiting.size >= maxWaiting) return Promise.resolve(null);
      const { promise, resolve } = Promise.withResolvers<(() => void) | null>();
      const giveUp = (): void => {
        waiting.delete(place);
        resolve(null);
      };
      const place: Waiting = {
        bytes,
        start: () => {
          signal.removeEventListener('abort', giveUp);
          resolve(release(bytes));
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.add(place);
      return promise;
    },
  };
}
