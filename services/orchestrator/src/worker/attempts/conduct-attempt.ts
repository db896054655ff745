import type { TaskReported } from '@vigil/contracts';
import { VigilError, type Clock } from '@vigil/core';
import type { EngineClock } from '@vigil/kafka';
import type { TaskResult } from '@vigil/workflows';
import type { Attempt } from './attempt.ts';
import { executeAttempt, type Conduct } from './execute-attempt.ts';
import { cancelledReport, failedReport, progressedReport, succeededReport } from './task-reports.ts';

export interface ConductorOptions extends Omit<Conduct, 'onExecutor'> {
  readonly worker: string;
  readonly clock: EngineClock;
  readonly wall: Clock;
  /** How long an executor may take to stop before its attempt is given up. */
  readonly abortGraceMs: number;
  /** Tells of an attempt under way. */
  readonly tell: (report: TaskReported) => void;
}

/** How an attempt came to its end. */
export type AttemptOutcome = { readonly result: TaskResult } | { readonly error: unknown };

export interface Conducted {
  readonly outcome: AttemptOutcome;
  readonly lastedMs: number;
}

const longestTimerMs = 2 ** 31 - 1;

/** Runs one attempt to its end, or until it was told to stop and had its time. Never rejects. */
export function createConductor({ worker, find, payloads, clock, wall, abortGraceMs, tell }: ConductorOptions) {
  const watchDeadline = ({ request, stop }: Attempt): (() => void) => {
    if (request.timeoutMs === null) return () => undefined;
    const leftMs = Math.min(longestTimerMs, Math.max(0, request.timeoutMs));
    return clock.after(leftMs, () => stop.abort(new VigilError('TASK_TIMED_OUT', { detail: `Task ${request.task}.` })));
  };
  /** Rejects once an executor that was told to stop has had its time. */
  const watchAbort = ({ stop }: Attempt): Promise<never> => {
    const over = Promise.withResolvers<never>();
    stop.signal.addEventListener('abort', () => void clock.after(abortGraceMs, () => over.reject(stop.signal.reason)), { once: true });
    return over.promise;
  };
  const resultOf = (attempt: Attempt): Promise<TaskResult> => {
    const { request, stop } = attempt;
    const progress = (counts: Readonly<Record<string, number>>, health: Parameters<typeof progressedReport>[1]['health'] = null): void =>
      void (attempt.progress = { counts, health, detail: '' });
    const log = (sentence: string): void => {
      if (attempt.isSilent) return;
      const said = { counts: attempt.progress?.counts ?? {}, health: attempt.progress?.health ?? null, detail: sentence };
      tell(progressedReport(request, said, { worker, nowMs: wall.now(), number: attempt.words++ }));
    };
    const onExecutor = (executor: { readonly isResumable?: true }): void => void (attempt.isResumable = executor.isResumable === true);
    return executeAttempt(request, { signal: stop.signal, progress, log }, { find, payloads, onExecutor });
  };
  return async (attempt: Attempt): Promise<Conducted> => {
    const startedAtMs = clock.now();
    const stopWatching = watchDeadline(attempt);
    const outcome = await Promise.race([resultOf(attempt), watchAbort(attempt)]).then(
      (result): AttemptOutcome => ({ result }),
      (error: unknown): AttemptOutcome => ({ error }),
    );
    stopWatching();
    return { outcome, lastedMs: clock.now() - startedAtMs };
  };
}

/** What a worker tells of the end of an attempt. */
export function lastWordOf(
  { request, stop, isCancelled }: Attempt,
  outcome: AttemptOutcome,
  told: { worker: string; nowMs: number },
): TaskReported {
  if ('result' in outcome) return succeededReport(request, outcome.result, told);
  if (isCancelled) return cancelledReport(request, told);
  // Why it was told to stop says more than how the executor gave up.
  return failedReport(request, stop.signal.aborted ? stop.signal.reason : outcome.error, told);
}
