import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from './process-identity.ts';

export interface EndOptions {
  readonly signal?: NodeJS.Signals;
  /** How long the process may take to end by itself before SIGKILL. */
  readonly withinMs?: number;
}

const pollMs = 25;

const ended = async (identity: ProcessIdentity, withinMs: number): Promise<boolean> => {
  for (let waitedMs = 0; isRunning(identity); waitedMs += pollMs) {
    if (waitedMs >= withinMs) return false;
    await sleep(pollMs);
  }
  return true;
};

/**
 * Ends exactly the process that was recorded: a pid that now belongs to another program is left alone.
 *
 * @returns whether it was running
 */
export const endProcess = async (
  identity: ProcessIdentity,
  { signal = 'SIGTERM', withinMs = 15_000 }: EndOptions = {},
): Promise<boolean> => {
  if (!isRunning(identity)) return false;
  process.kill(identity.pid, signal);
  if (await ended(identity, withinMs)) return true;
  if (isRunning(identity)) process.kill(identity.pid, 'SIGKILL');
  await ended(identity, 5_000);
  return true;
};
