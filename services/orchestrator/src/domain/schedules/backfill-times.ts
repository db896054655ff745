import type { ScheduleDefinition } from '@vigil/definitions';
import { firesBetween, isTimed } from '@vigil/workflows';

/** A year of hours is more than anybody wants by mistake. */
export const mostPartitions = 10_000;

export type BackfillTimes =
  | { readonly ok: true; readonly timesMs: readonly number[] }
  | { readonly ok: false; readonly why: 'no-such-schedule' | 'no-times' | 'too-many' };

/**
 * When the clock schedules of a definition were due in a range: a partition each, ascending.
 *
 * @param fromMs  included
 * @param untilMs  not included
 */
export function backfillTimes(schedules: readonly ScheduleDefinition[], fromMs: number, untilMs: number): BackfillTimes {
  const timed = schedules.filter(isTimed).filter(({ type }) => type !== 'continuous');
  if (timed.length === 0) return { ok: false, why: 'no-such-schedule' };
  const times = timed.flatMap((schedule) => firesBetween(schedule, fromMs - 1, untilMs - 1, mostPartitions + 1));
  const timesMs = [...new Set(times)].sort((a, b) => a - b);
  if (timesMs.length === 0) return { ok: false, why: 'no-times' };
  return timesMs.length > mostPartitions ? { ok: false, why: 'too-many' } : { ok: true, timesMs };
}
