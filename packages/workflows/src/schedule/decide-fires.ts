import { lastFiresBetween, nextFire } from '../calendar/calendar.ts';
import type { TimedSchedule } from '../calendar/timed-schedule.ts';
import { decideOverlap, type FireDecision, type OpenRun } from './decide-overlap.ts';

/** A fire that is looked at within this time is on time, not missed: a scheduler's tick, a restart. */
const punctualMs = 60_000;
/** Times left out that are told one by one; of a longer absence only the latest are. */
export const maxSkippedTold = 100;

export interface FireQuestion {
  readonly schedule: TimedSchedule;
  /** Times up to here were decided about: by the last look, or from when the schedule counts (its first deployment). */
  readonly consideredUntil: number;
  readonly nowMs: number;
  /** Runs of this schedule that have not ended, oldest first. */
  readonly openRuns: readonly OpenRun[];
}

type RunSchedule = Exclude<TimedSchedule, { type: 'continuous' }>;

/** The latest times of those due that are to run, ascending. */
function wantedTimes(schedule: RunSchedule, consideredUntil: number, nowMs: number): number[] {
  const { catch_up: catchUp } = schedule;
  if (typeof catchUp === 'object') {
    const { max, window } = catchUp.all;
    // What is on time is not caught up: the window does not end it.
    return lastFiresBetween(schedule, Math.max(consideredUntil, nowMs - Math.max(window, punctualMs)), nowMs, max);
  }
  const from = catchUp === 'latest' ? consideredUntil : Math.max(consideredUntil, nowMs - punctualMs - 1);
  return lastFiresBetween(schedule, from, nowMs, 1);
}

/** Not a run a time, but one run that is always there. */
function decideContinuous({ schedule, consideredUntil, nowMs, openRuns }: FireQuestion): FireDecision[] {
  if (openRuns.length > 0) return [];
  return lastFiresBetween(schedule, consideredUntil, nowMs, 1).map((scheduledFor) => ({ scheduledFor, decision: 'started' }));
}

/**
 * What becomes of every time in (consideredUntil, nowMs]: the one path for the ordinary tick, downtime, enabling again, an
 * edited schedule and a deployment; they differ only in how far `consideredUntil` lies back. Afterwards the caller has
 * considered everything until `nowMs`, in the transaction that keeps the decisions.
 *
 * First `catch_up` says which times are wanted: `none` the latest if it is at most a minute old, `latest` the latest however
 * old, `all` the latest `max` that are no older than `window`. Then `overlap` says what becomes of those, oldest first.
 *
 * @returns ascending; of times that are left out at most the latest 100
 */
export function decideFires(question: FireQuestion): FireDecision[] {
  const { schedule, consideredUntil, nowMs, openRuns } = question;
  if (schedule.type === 'continuous') return decideContinuous(question);
  const wanted = wantedTimes(schedule, consideredUntil, nowMs);
  // Wanted times are the latest ones, so what is left out lies before them.
  const leftOutUntil = wanted[0] === undefined ? nowMs : wanted[0] - 1;
  const leftOut = lastFiresBetween(schedule, consideredUntil, leftOutUntil, maxSkippedTold);
  return [
    ...leftOut.map((scheduledFor): FireDecision => ({ scheduledFor, decision: 'skipped-catch-up' })),
    ...decideOverlap(schedule.overlap, wanted, openRuns),
  ];
}

/** When a schedule is to be looked at next; null = never again. */
export const nextWakeAt = (schedule: TimedSchedule, nowMs: number): number | null => nextFire(schedule, nowMs);
