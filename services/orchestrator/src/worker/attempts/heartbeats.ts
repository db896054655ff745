import type { TaskReported } from '@vigil/contracts';
import { VigilError, type Clock } from '@vigil/core';
import type { EngineClock } from '@vigil/kafka';
import { silenceAttempt, type Attempt } from './attempt.ts';
import { heartbeatReport, progressedReport } from './task-reports.ts';

export interface HeartbeatOptions {
  readonly worker: string;
  readonly clock: EngineClock;
  readonly wall: Clock;
  /** Resolves once the reports are acknowledged. */
  readonly tell: (reports: readonly TaskReported[]) => Promise<void>;
  readonly underWay: () => readonly Attempt[];
}

/** What a worker tells of its attempts while they last. */
export interface Heartbeats {
  /** An attempt began: from now on they are told of. */
  start(): void;
  /** @param leaseMs  for how long the attempts are to be believed; 0 gives them back */
  beat(attempts: readonly Attempt[], leaseMs: number): Promise<void>;
  /** The progress that was not told yet. */
  takeProgress(attempt: Attempt): TaskReported[];
  stop(): void;
}

const pulseMs = 1000;
/** So many heartbeats fit into a lease: one may be lost and one late. */
const beatsPerLease = 4;

const shortestLease = (attempts: readonly Attempt[]): number => Math.min(...attempts.map(({ request }) => request.leaseMs));

/** Keeps the leases of attempts, tells their progress, and stops those that nobody believes in any more. */
export function createHeartbeats({ worker, clock, wall, tell, underWay }: HeartbeatOptions): Heartbeats {
  let beats = 0;
  let beatAtMs = clock.now();
  let stopPulse: (() => void) | null = null;

  const told = () => ({ worker, nowMs: wall.now() });
  const takeProgress = (attempt: Attempt): TaskReported[] => {
    const { request, progress } = attempt;
    if (progress === null || attempt.isSilent) return [];
    attempt.progress = null;
    return [progressedReport(request, progress, { ...told(), number: attempt.words++ })];
  };
  const beat = async (attempts: readonly Attempt[], leaseMs: number): Promise<void> => {
    const sentAtMs = clock.now();
    const requests = attempts.map(({ request }) => request);
    await tell([heartbeatReport(requests, leaseMs, { ...told(), number: beats++ })]);
    for (const attempt of attempts) attempt.believedUntilMs = Math.max(attempt.believedUntilMs, sentAtMs + leaseMs);
  };
  const pulse = (): void => {
    const nowMs = clock.now();
    for (const attempt of underWay())
      if (nowMs > attempt.believedUntilMs) silenceAttempt(attempt, new VigilError('FENCED', { detail: 'The lease of the attempt ended.' }));
    const believed = underWay().filter(({ isSilent }) => !isSilent);
    const news = believed.flatMap(takeProgress);
    if (news.length > 0) void tell(news);
    if (believed.length > 0 && nowMs - beatAtMs >= shortestLease(believed) / beatsPerLease) {
      beatAtMs = nowMs;
      void beat(believed, shortestLease(believed));
    }
    stopPulse = underWay().length > 0 ? clock.after(Math.min(pulseMs, shortestLease(underWay()) / beatsPerLease), pulse) : null;
  };
  return {
    start: () => void (stopPulse ??= clock.after(Math.min(pulseMs, shortestLease(underWay()) / beatsPerLease), pulse)),
    beat,
    takeProgress,
    stop: () => stopPulse?.(),
  };
}
