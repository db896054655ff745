import type { TaskReported, TaskRequested } from '@vigil/contracts';
import { VigilError, type Clock } from '@vigil/core';
import type { EngineClock } from '@vigil/kafka';
import type { TaskResult } from '@vigil/workflows';
import type { FindExecutor } from '../executor.ts';
import type { PayloadStore } from '../payload-store.ts';
import { openAttempt, type Attempt } from './attempt.ts';
import { executeAttempt } from './execute-attempt.ts';
import { createKnownEpochs } from './known-epochs.ts';
import {
  cancelledReport,
  failedReport,
  heartbeatReport,
  partNameOf,
  progressedReport,
  startedReport,
  succeededReport,
} from './task-reports.ts';

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

const pulseMs = 1000;
/** So many heartbeats fit into a lease: one may be lost and one late. */
const beatsPerLease = 4;
const longestTimerMs = 2 ** 31 - 1;

export function createAttempts(options: AttemptsOptions): Attempts {
  const { worker, find, payloads, reporter, observer, clock, wall, atOnce, abortGraceMs = 5000, onFree = () => undefined } = options;
  const underWay = new Map<string, Attempt>();
  const seen = createKnownEpochs();
  const cancelled = createKnownEpochs();
  let isDraining = false;
  let beats = 0;
  let beatAtMs = clock.now();
  let stopPulse: (() => void) | null = null;

  const told = () => ({ worker, nowMs: wall.now() });
  // The reporter tries again by itself; when it was closed the leases tell the rest.
  const tell = (reports: readonly TaskReported[]): Promise<void> => reporter.send(reports).catch(() => undefined);

  const abort = (attempt: Attempt, reason: unknown): void => {
    if (attempt.stop.signal.aborted) return;
    attempt.stop.abort(reason);
  };
  const silence = (attempt: Attempt, reason: unknown): void => {
    attempt.isSilent = true;
    abort(attempt, reason);
  };

  const takeProgress = (attempt: Attempt): TaskReported[] => {
    const { request, progress } = attempt;
    if (progress === null || attempt.isSilent) return [];
    attempt.progress = null;
    return [progressedReport(request, progress, { ...told(), number: attempt.words++ })];
  };
  const beat = async (attempts: readonly Attempt[], leaseMs: number): Promise<void> => {
    const sentAtMs = clock.now();
    await tell([
      heartbeatReport(
        attempts.map(({ request }) => request),
        leaseMs,
        { ...told(), number: beats++ },
      ),
    ]);
    for (const attempt of attempts) attempt.believedUntilMs = Math.max(attempt.believedUntilMs, sentAtMs + leaseMs);
  };
  const shortestLease = (attempts: readonly Attempt[]): number => Math.min(...attempts.map(({ request }) => request.leaseMs));
  const pulse = (): void => {
    const nowMs = clock.now();
    for (const attempt of underWay.values())
      if (nowMs > attempt.believedUntilMs) silence(attempt, new VigilError('FENCED', { detail: 'The lease of the attempt ended.' }));
    const believed = [...underWay.values()].filter(({ isSilent }) => !isSilent);
    const news = believed.flatMap(takeProgress);
    if (news.length > 0) void tell(news);
    if (believed.length > 0 && nowMs - beatAtMs >= shortestLease(believed) / beatsPerLease) {
      beatAtMs = nowMs;
      void beat(believed, shortestLease(believed));
    }
    stopPulse =
      underWay.size > 0
        ? clock.after(Math.min(pulseMs, ...[...underWay.values()].map(({ request }) => request.leaseMs / beatsPerLease)), pulse)
        : null;
  };

  const close = (attempt: Attempt): void => {
    const name = partNameOf(attempt.request);
    if (underWay.get(name) === attempt) underWay.delete(name);
    attempt.ended.resolve();
    onFree();
  };
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
      const report = { counts: attempt.progress?.counts ?? {}, health: attempt.progress?.health ?? null, detail: sentence };
      void tell([progressedReport(request, report, { ...told(), number: attempt.words++ })]);
    };
    const onExecutor = (executor: { readonly isResumable?: true }): void => void (attempt.isResumable = executor.isResumable === true);
    return executeAttempt(request, { signal: stop.signal, progress, log }, { find, payloads, onExecutor });
  };
  const lastWord = (attempt: Attempt, outcome: { readonly result: TaskResult } | { readonly error: unknown }): TaskReported => {
    const { request, stop, isCancelled } = attempt;
    if ('result' in outcome) return succeededReport(request, outcome.result, told());
    if (isCancelled) return cancelledReport(request, told());
    // Why it was told to stop says more than how the executor gave up.
    return failedReport(request, stop.signal.aborted ? stop.signal.reason : outcome.error, told());
  };
  const conduct = async (attempt: Attempt): Promise<void> => {
    const startedAtMs = clock.now();
    const stopWatching = watchDeadline(attempt);
    const outcome = await Promise.race([resultOf(attempt), watchAbort(attempt)]).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    stopWatching();
    const lastedMs = clock.now() - startedAtMs;
    const { request } = attempt;
    if (attempt.isSilent) observer.ended({ request, how: 'given-up', lastedMs, errorCode: '' });
    else {
      const report = lastWord(attempt, outcome);
      observer.ended({ request, how: report.kind as 'succeeded', lastedMs, errorCode: report.errorCode });
      if (report.kind === 'failed') observer.failed('error' in outcome ? outcome.error : undefined);
      await tell([...takeProgress(attempt), report]);
    }
    close(attempt);
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
      if (older) silence(older, new VigilError('FENCED', { detail: 'A later attempt of the same part was asked for.' }));
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
      void conduct(attempt);
      stopPulse ??= clock.after(Math.min(pulseMs, request.leaseMs / beatsPerLease), pulse);
    },
    withdraw(request) {
      const attempt = underWay.get(partNameOf(request));
      if (attempt?.request !== request) return;
      // It may come to this worker again.
      seen.forget(partNameOf(request));
      silence(attempt, new VigilError('FENCED'));
      close(attempt);
    },
    cancel(request) {
      const name = partNameOf(request);
      cancelled.note(name, request.epoch);
      const attempt = underWay.get(name);
      if (attempt === undefined || attempt.request.epoch > request.epoch) return;
      attempt.isCancelled = true;
      abort(attempt, new VigilError('TASK_CANCELLED'));
    },
    async drain(withinMs) {
      isDraining = true;
      const all = (): Attempt[] => [...underWay.values()];
      const handBack = async (attempts: readonly Attempt[]): Promise<void> => {
        const mine = attempts.filter(({ isSilent }) => !isSilent);
        for (const attempt of mine) silence(attempt, new VigilError('FENCED', { detail: 'The worker is leaving.' }));
        if (mine.length > 0) await beat(mine, 0);
      };
      await handBack(all().filter(({ isResumable }) => isResumable));
      const patience = Promise.withResolvers<void>();
      const stopWaiting = clock.after(withinMs, () => patience.resolve());
      await Promise.race([Promise.all(all().map(({ ended }) => ended.promise)), patience.promise]);
      stopWaiting();
      await handBack(all());
      stopPulse?.();
    },
  };
}
