import type { TaskRequested } from '@vigil/contracts';
import type { Progress } from './task-reports.ts';

/** An attempt that a worker has under way. */
export interface Attempt {
  readonly request: TaskRequested;
  readonly stop: AbortController;
  /** Until when (process time) everybody believes that it runs; nothing of it counts after that. */
  believedUntilMs: number;
  /** What was told last, and whether that is news. */
  progress: Progress | null;
  /** Numbers the words about it. */
  words: number;
  /** A person or the run asked for its end. */
  isCancelled: boolean;
  /** Nobody is to hear of it any more: another epoch runs, its lease is lost, or it was handed back. */
  isSilent: boolean;
  /** Whether it may be taken from here at once when the worker leaves. */
  isResumable: boolean;
  readonly ended: PromiseWithResolvers<void>;
}

export const openAttempt = (request: TaskRequested, nowMs: number): Attempt => ({
  request,
  stop: new AbortController(),
  believedUntilMs: nowMs + request.leaseMs,
  progress: null,
  words: 0,
  isCancelled: false,
  isSilent: false,
  isResumable: false,
  ended: Promise.withResolvers(),
});

/** Nobody is to hear of it any more. */
export function silenceAttempt(attempt: Attempt, reason: unknown): void {
  attempt.isSilent = true;
  abortAttempt(attempt, reason);
}

/** The first reason counts. */
export function abortAttempt({ stop }: Attempt, reason: unknown): void {
  if (!stop.signal.aborted) stop.abort(reason);
}
