import { firesAfter, firesBefore, nextOrdinaryFire } from './cron-fires.ts';
import type { TimedSchedule } from './timed-schedule.ts';

type RhythmSchedule = Exclude<TimedSchedule, { type: 'cron' }>;

const everyMsOf = (schedule: RhythmSchedule): number => (schedule.type === 'interval' ? schedule.every : schedule.interval);

function firstOf(fires: Iterable<number>, max: number, untilMs: number): number[] {
  const found: number[] = [];
  if (max <= 0) return found;
  for (const fireMs of fires) {
    if (fireMs > untilMs || found.push(fireMs) >= max) break;
  }
  return found;
}

/** Multiples of `everyMs` since the epoch: whoever computes them, and whenever, computes the same. */
function* multiplesAfter(everyMs: number, afterMs: number): Generator<number> {
  for (let at = Math.floor(afterMs / everyMs) + 1; ; at++) yield at * everyMs;
}

function* multiplesBefore(everyMs: number, untilMs: number, fromMs: number): Generator<number> {
  for (let at = Math.floor(untilMs / everyMs); at * everyMs > fromMs; at--) yield at * everyMs;
}

const ascending = (schedule: TimedSchedule, afterMs: number): Iterable<number> =>
  schedule.type === 'cron' ? firesAfter(schedule, afterMs) : multiplesAfter(everyMsOf(schedule), afterMs);

/** The first fire behind `afterMs`; null where none comes within 41 years. */
export function nextFire(schedule: TimedSchedule, afterMs: number): number | null {
  const ordinary = schedule.type === 'cron' ? nextOrdinaryFire(schedule, afterMs) : undefined;
  return ordinary ?? firstOf(ascending(schedule, afterMs), 1, Number.POSITIVE_INFINITY)[0] ?? null;
}

/** The first `max` fires in (fromMs, untilMs], ascending. */
export const firesBetween = (schedule: TimedSchedule, fromMs: number, untilMs: number, max: number): number[] =>
  firstOf(ascending(schedule, fromMs), max, untilMs);

/** At most 60 fires lie in it: going forward is cheap, and needs no days to either side. */
const shortSpanMs = 3_600_000;

function shortForward(schedule: TimedSchedule, fromMs: number, untilMs: number): number[] {
  const found: number[] = [];
  for (let fireMs = nextFire(schedule, fromMs); fireMs !== null && fireMs <= untilMs; fireMs = nextFire(schedule, fireMs))
    found.push(fireMs);
  return found;
}

/** The last `max` fires in (fromMs, untilMs], ascending; what lies before them is not looked at. */
export function lastFiresBetween(schedule: TimedSchedule, fromMs: number, untilMs: number, max: number): number[] {
  if (max <= 0) return [];
  if (schedule.type === 'cron' && untilMs - fromMs <= shortSpanMs) return shortForward(schedule, fromMs, untilMs).slice(-max);
  const descending =
    schedule.type === 'cron' ? firesBefore(schedule, untilMs, fromMs) : multiplesBefore(everyMsOf(schedule), untilMs, fromMs);
  return firstOf(descending, max, Number.POSITIVE_INFINITY).reverse();
}
