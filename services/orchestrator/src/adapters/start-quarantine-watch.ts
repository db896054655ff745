import { classifyError, type ErrorCode } from '@vigil/core';
import { systemEngineClock, type EngineClock, type KafkaClient } from '@vigil/kafka';
import type { OnClose } from '@vigil/runtime';
import { measureQuarantines, type QuarantineAge } from './measure-quarantines.ts';

export interface QuarantineWatchParts {
  readonly client: KafkaClient;
  readonly events: {
    readonly quarantineObserved: (age: QuarantineAge) => void;
    readonly quarantineNotObserved: (failure: { readonly code: ErrorCode }) => void;
  };
  readonly onClose: OnClose;
}

const everyMs = 60_000;

/** Exposes the age of the oldest record of every quarantine, measured once a minute by the instance that observes. */
export function startQuarantineWatch(
  { client, events, onClose }: QuarantineWatchParts,
  isActive: () => boolean,
  clock: EngineClock = systemEngineClock,
): void {
  let stopped = false;
  let cancel = (): void => undefined;
  let looking: Promise<void> = Promise.resolve();

  const look = async (): Promise<void> => {
    if (!isActive()) return;
    try {
      for (const age of await measureQuarantines(client, clock)) events.quarantineObserved(age);
    } catch (error) {
      if (!stopped) events.quarantineNotObserved({ code: classifyError(error).code as ErrorCode });
    }
  };
  const turn = (): void => {
    looking = look().finally(() => {
      if (!stopped) cancel = clock.after(everyMs, turn);
    });
  };

  turn();
  onClose('quarantine watch', async () => {
    stopped = true;
    cancel();
    await looking;
  });
}
