import type { TaskReported, TaskRequested } from '@vigil/contracts';
import { VigilError, type Clock } from '@vigil/core';
import type { EngineClock } from '@vigil/kafka';
import type { FindExecutor } from '../executor.ts';
import type { PayloadStore } from '../payload-store.ts';
import { abortAttempt, openAttempt, silenceAttempt, type Attempt } from './attempt.ts';
import { createConductor, lastWordOf } from './conduct-attempt.ts';
import { createHeartbeats } from './heartbeats.ts';
import { createKnownEpochs } from './known-epochs.ts';
import { cancelledReport, partNameOf, startedReport } from './task-reports.ts';

/** Tells the orchestrator. Tries again by itself while Kafka is away; rejects only when it was closed. */
export interface Reporter {
  send(reports: readonly TaskReported[]): Promise<void>;
}

export interface EndedAttempt {
  readonly request: TaskRequested;
  readonly how: 'succeeded' | 'failed' | 'cancelled' | 'given-up';
  readonly lastedMs: number;
  /** Of a failure; empty otherwise. */
  readonly errorCode: string;
}

/** What is worth a log line, a figure and a span. */
export interface AttemptObserver {
  /** @param waitedMs  from the request's dispatch to its start */
  started(waitedMs: number): void;
  ended(attempt: EndedAttempt): void;
  failed(error: unknown): void;
}

export interface AttemptsOptions {
  readonly worker: string;
  readonly find: FindExecutor;
  readonly payloads: PayloadStore;
  readonly reporter: Reporter;
  readonly observer: AttemptObserver;
  /** Spans of this process's own running. */
  readonly clock: EngineClock;
  /** What the machine's clock shows: for the times that reports tell. Timeouts count by `clock`. */
  readonly wall: Clock;
  readonly atOnce: number;
  /** How long an executor may take to stop before its attempt is given up. */
  readonly abortGraceMs?: number;
  /** Told when an attempt ended, so that another may start. */
  readonly onFree?: () => void;
}

/** The attempts that a worker has under way. */
export interface Attempts {
  /** How many more may start. */
  free(): number;
  count(): number;
  /** Takes a place for a request. `drop`: it was seen before, is older than what was seen, or is cancelled already. */
  admit(request: TaskRequested): 'run' | 'drop';
  /** Notes a request that a worker before this one took: copies of it are dropped. */
  remember(request: TaskRequested): void;
  started(request: TaskRequested): TaskReported;
  /** Runs what was admitted and told as started. */
  run(request: TaskRequested): void;
  /** Gives the place of an admitted request back: somebody else will start it. */
  withdraw(request: TaskRequested): void;
  cancel(request: Pick<TaskRequested, 'runId' | 'task' | 'part' | 'epoch'>): void;
  /** Lets attempts end, then stops and hands back what is left. Nothing starts any more. */
  drain(withinMs: number): Promise<void>;
}

export function createAttempts(options: AttemptsOptions): Attempts {
  const { worker, reporter, observer, clock, wall, atOnce, abortGraceMs = 5000, onFree = () => undefined } = options;
  const underWay = new Map<string, Attempt>();
  const seen = createKnownEpochs();
  const cancelled = createKnownEpochs();
  let isDraining = false;

  const told = () => ({ worker, nowMs: wall.now() });
  // The reporter tries again by itself; when it was closed the leases tell the rest.
  const tell = (reports: readonly TaskReported[]): Promise<void> => reporter.send(reports).catch(() => undefined);
  const all = (): Attempt[] => [...underWay.values()];
  const heartbeats = createHeartbeats({ worker, clock, wall, tell, underWay: all });
  const conduct = createConductor({ ...options, abortGraceMs, tell: (report) => void tell([report]) });

  const close = (attempt: Attempt): void => {
    const name = partNameOf(attempt.request);
    if (underWay.get(name) === attempt) underWay.delete(name);
    attempt.ended.resolve();
    onFree();
  };
  const carryOut = async (attempt: Attempt): Promise<void> => {
    const { outcome, lastedMs } = await conduct(attempt);
    const { request } = attempt;
    if (attempt.isSilent) observer.ended({ request, how: 'given-up', lastedMs, errorCode: '' });
    else {
      const report = lastWordOf(attempt, outcome, told());
      observer.ended({ request, how: report.kind as 'succeeded', lastedMs, errorCode: report.errorCode });
      if (report.kind === 'failed') observer.failed('error' in outcome ? outcome.error : undefined);
      await tell([...heartbeats.takeProgress(attempt), report]);
    }
    close(attempt);
  };
  const handBack = async (attempts: readonly Attempt[]): Promise<void> => {
    const mine = attempts.filter(({ isSilent }) => !isSilent);
    for (const attempt of mine) silenceAttempt(attempt, new VigilError('FENCED', { detail: 'The worker is leaving.' }));
    if (mine.length > 0) await heartbeats.beat(mine, 0);
  };

  return {
    free: () => (isDraining ? 0 : Math.max(0, atOnce - underWay.size)),
    count: () => underWay.size,
    admit(request) {
      const name = partNameOf(request);
      if (!seen.note(name, request.epoch)) return 'drop';
      if (cancelled.greatest(name) >= request.epoch) {
        void tell([cancelledReport(request, told())]);
        return 'drop';
      }
      const older = underWay.get(name);
      if (older) silenceAttempt(older, new VigilError('FENCED', { detail: 'A later attempt of the same part was asked for.' }));
      underWay.set(name, openAttempt(request, clock.now()));
      return 'run';
    },
    remember: (request) => void (request.kind === 'cancel' ? cancelled : seen).note(partNameOf(request), request.epoch),
    started: (request) => startedReport(request, told()),
    run(request) {
      const attempt = underWay.get(partNameOf(request));
      if (attempt?.request !== request) return;
      attempt.believedUntilMs = clock.now() + request.leaseMs;
      observer.started(Math.max(0, wall.now() - request.requestedAt));
      void carryOut(attempt);
      heartbeats.start();
    },
    withdraw(request) {
      const attempt = underWay.get(partNameOf(request));
      if (attempt?.request !== request) return;
      // It may come to this worker again.
      seen.forget(partNameOf(request));
      silenceAttempt(attempt, new VigilError('FENCED'));
      close(attempt);
    },
    cancel(request) {
      const name = partNameOf(request);
      cancelled.note(name, request.epoch);
      const attempt = underWay.get(name);
      if (attempt === undefined || attempt.request.epoch > request.epoch) return;
      attempt.isCancelled = true;
      abortAttempt(attempt, new VigilError('TASK_CANCELLED'));
    },
    async drain(withinMs) {
      isDraining = true;
      await handBack(all().filter(({ isResumable }) => isResumable));
      const patience = Promise.withResolvers<void>();
      const stopWaiting = clock.after(withinMs, () => patience.resolve());
      await Promise.race([Promise.all(all().map(({ ended }) => ended.promise)), patience.promise]);
      stopWaiting();
      await handBack(all());
      heartbeats.stop();
    },
  };
}
