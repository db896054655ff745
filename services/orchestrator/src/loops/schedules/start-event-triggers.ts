import { createWakeLoop, type WakeLoop } from './create-wake-loop.ts';

/** Reads topics that trigger schedules. */
export interface EventSource {
  readonly reload: () => Promise<void>;
  readonly read: (waitMs: number) => Promise<boolean>;
}

export interface EventTriggerOptions {
  readonly source: EventSource;
  readonly onTrouble: (error: unknown) => void;
  readonly onFatal: (error: unknown) => void;
}

/** How long a new schedule may go unnoticed, and how long one poll waits. */
const reloadEveryMs = 1000;

/** Reads on without a pause; which schedules there are is looked at once a second. */
export const startEventTriggers = ({ source, onTrouble, onFatal }: EventTriggerOptions): WakeLoop =>
  createWakeLoop({
    turn: async () => {
      await source.reload();
      return (await source.read(reloadEveryMs)) ? 0 : reloadEveryMs;
    },
    restMs: reloadEveryMs,
    onTrouble,
    onFatal,
  });
