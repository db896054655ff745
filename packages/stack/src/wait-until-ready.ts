import { setTimeout as sleep } from 'node:timers/promises';
import { VigilError } from '@vigil/core';
import { isRunning, type ProcessIdentity } from './process-identity.ts';
import { tailOf } from './spawn-part.ts';

export interface Readiness {
  readonly name: string;
  readonly process: ProcessIdentity;
  readonly logFile: string;
  /** Resolves true when the part answers; may throw while it does not. */
  readonly probe: () => Promise<boolean>;
  readonly withinMs?: number;
}

/** Waits until a part answers; says why when its process ends or the time is over. */
export const waitUntilReady = async ({ name, process, logFile, probe, withinMs = 180_000 }: Readiness): Promise<void> => {
  const until = performance.now() + withinMs;
  while (!(await probe().catch(() => false))) {
    if (!isRunning(process))
      throw new VigilError('PART_FAILED', { detail: `${name} ended while starting. ${logFile} ends with:\n${tailOf(logFile)}\n` });
    if (performance.now() > until) {
      throw new VigilError('PART_FAILED', {
        detail: `${name} did not answer within ${withinMs} ms. ${logFile} ends with:\n${tailOf(logFile)}\n`,
      });
    }
    await sleep(50);
  }
};
