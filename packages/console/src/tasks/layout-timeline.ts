import type { TaskRun } from '../generated/api-types.ts';
import { durationText } from '../view/time-text.ts';

/** A stretch of time as shares of the timeline: 0 = its begin, 1 = its end. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
}

export interface TimelineRow {
  readonly task: string;
  readonly part: number;
  readonly state: TaskRun['state'];
  /** From the queue to its begin; null where it was never queued. */
  readonly queued: Stretch | null;
  /** From its begin to its end, or to now. */
  readonly worked: Stretch | null;
  /** Of the work; milliseconds. */
  readonly workedMs: number | null;
}

export interface Timeline {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  readonly rows: readonly TimelineRow[];
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const steps = [10, 20, 50, 100, 200, 500]
  .concat([1, 2, 5, 10, 15, 30].map((count) => count * second))
  .concat([1, 2, 5, 10, 15, 30].map((count) => count * minute))
  .concat([1, 2, 3, 6, 12, 24].map((count) => count * hour));
const mostSteps = 8;

/** Round marks, counted from the begin, with at most eight steps between them. */
export function ticksOf(lengthMs: number): number[] {
  const days = Math.max(1, Math.ceil(lengthMs / (mostSteps * 24 * hour)));
  const step = steps.find((candidate) => lengthMs / candidate <= mostSteps) ?? days * 24 * hour;
  return Array.from({ length: Math.floor(lengthMs / step) + 1 }, (_, index) => index * step);
}

const msOf = (instant: string | null): number | null => (instant === null ? null : Date.parse(instant));

/**
 * The parts of a run's tasks over time.
 *
 * @param nowMs  end of what has not ended; milliseconds
 */
export function layoutTimeline(tasks: readonly TaskRun[], nowMs: number): Timeline {
  const begins = tasks.flatMap(({ queuedAt, startedAt }) => [msOf(queuedAt), msOf(startedAt)]).filter((ms) => ms !== null);
  const fromMs = begins.length === 0 ? nowMs : Math.min(...begins);
  const isOpen = tasks.some(({ queuedAt, startedAt, endedAt }) => endedAt === null && (queuedAt ?? startedAt) !== null);
  const ends = tasks.map(({ endedAt }) => msOf(endedAt)).filter((ms) => ms !== null);
  const untilMs = Math.max(fromMs + 1, ...ends, ...(isOpen ? [nowMs] : []));
  // The clock of this page may be behind the orchestrator's: nothing leaves the timeline.
  const share = (ms: number): number => Math.min(1, Math.max(0, (ms - fromMs) / (untilMs - fromMs)));
  const rows = tasks.map(({ task, part, state, ...times }): TimelineRow => {
    const [queuedMs, startedMs, endedMs] = [msOf(times.queuedAt), msOf(times.startedAt), msOf(times.endedAt)];
    const lastMs = endedMs ?? untilMs;
    return {
      task,
      part,
      state,
      queued: queuedMs === null ? null : { from: share(queuedMs), until: share(Math.max(queuedMs, startedMs ?? lastMs)) },
      worked: startedMs === null ? null : { from: share(startedMs), until: share(Math.max(startedMs, lastMs)) },
      workedMs: startedMs === null ? null : Math.max(0, lastMs - startedMs),
    };
  });
  const ticks = ticksOf(untilMs - fromMs).map((ms) => ({ at: share(fromMs + ms), text: ms === 0 ? '0' : `+${tickText(ms)}` }));
  return { fromMs, untilMs, ticks, rows };
}

/** `30.0 s` is `30 s`, `5 m 00 s` is `5 m`: marks are round. */
const tickText = (ms: number): string =>
  durationText(ms)
    .replace(/\.0 s$/, ' s')
    .replace(/ (00 s|00 m|0 h)$/, '');
