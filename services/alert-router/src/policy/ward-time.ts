import { DateTime } from 'luxon';

/** A span of the day, for example 22:00 to 06:00; `from` belongs to it, `until` does not. Equal ends = the whole day. */
export interface DaySpan {
  readonly from: string;
  readonly until: string;
}

const minutesOf = (timeOfDay: string): number => Number(timeOfDay.slice(0, 2)) * 60 + Number(timeOfDay.slice(3));

/** Whether it is within `span` by the wall clock of `zone`, summer time included. */
export function isWithin({ from, until }: DaySpan, zone: string, nowMs: number): boolean {
  const local = DateTime.fromMillis(nowMs, { zone });
  const now = local.hour * 60 + local.minute;
  const [start, end] = [minutesOf(from), minutesOf(until)];
  return start < end ? now >= start && now < end : now >= start || now < end;
}

/** The next time after `nowMs` that the wall clock of `zone` shows `timeOfDay`; where the hour is skipped, the moment after the gap. */
export function nextTimeOf(timeOfDay: string, zone: string, nowMs: number): number {
  const minutes = minutesOf(timeOfDay);
  const today = DateTime.fromMillis(nowMs, { zone }).set({
    hour: Math.floor(minutes / 60),
    minute: minutes % 60,
    second: 0,
    millisecond: 0,
  });
  return (today.toMillis() > nowMs ? today : today.plus({ days: 1 })).toMillis();
}
