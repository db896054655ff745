import { VigilError } from '@vigil/core';
import { markAt, type SourcedRow } from '../table-source.ts';
import { snapshotDue } from './change-position.ts';

/**
 * Makes it safe that a snapshot is due, before the slot is made anew: a later attempt finds a sound slot, and could not know
 * that the changes before it are missing.
 */
export interface DueSnapshot {
  /** Ends once its mark is acknowledged. @throws VigilError JOB_STOPPED */
  announce(signal: AbortSignal): AsyncGenerator<SourcedRow>;
  safe(position: string): void;
  stop(): void;
}

export function createDueSnapshot(): DueSnapshot {
  let awaited: PromiseWithResolvers<void> | null = null;
  const stop = (): void => awaited?.reject(new VigilError('JOB_STOPPED'));
  return {
    async *announce(signal) {
      // An earlier reading that nobody goes on with must not wake up and touch the slot.
      stop();
      const mark = (awaited = Promise.withResolvers<void>());
      mark.promise.catch(() => undefined);
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      try {
        yield markAt(snapshotDue);
        await mark.promise;
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
    safe(position) {
      if (position === snapshotDue) awaited?.resolve();
    },
    stop,
  };
}
