import { VigilError } from '@vigil/core';

/** Why the signal was raised, where that is a failure of ours; else JOB_STOPPED. */
export function stoppedBy({ reason }: AbortSignal): VigilError {
  return reason instanceof VigilError ? reason : new VigilError('JOB_STOPPED', { cause: reason });
}

/** Waits for `work`, and no longer than until the signal is raised. @throws what `stoppedBy` tells */
export async function orStopped<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  const stopped = Promise.withResolvers<never>();
  const onAbort = (): void => stopped.reject(stoppedBy(signal));
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([stopped.promise, work]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
