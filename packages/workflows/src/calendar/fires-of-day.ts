import type { CronFields } from '@vigil/definitions';
import type { CronSchedule } from './timed-schedule.ts';
import { clocksAround, dayMs, type Clocks } from './clocks-around.ts';

const minuteMs = 60_000;

/** The instants of a wall-clock time, given as if it were UTC. None of a time that was left out, two of one that came twice. */
function instantsOf(wallMs: number, { beforeMs, afterMs, changeAtMs }: Clocks): number[] {
  const early = wallMs - beforeMs;
  const late = wallMs - afterMs;
  return [...(early < changeAtMs ? [early] : []), ...(late >= changeAtMs ? [late] : [])];
}

/** Whether the date that `day`, counted from the epoch, is meets the expression. */
export function matchesDay({ daysOfMonth, daysOfWeek, months, eitherDay }: CronFields, day: number): boolean {
  const date = new Date(day * dayMs);
  if (!months.includes(date.getUTCMonth() + 1)) return false;
  const ofMonth = daysOfMonth.includes(date.getUTCDate());
  const ofWeek = daysOfWeek.includes(date.getUTCDay());
  return eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
}

function instantsByDst(wallMs: number, clocks: Clocks, { fields, schedule }: ParsedSchedule): number[] {
  const instants = instantsOf(wallMs, clocks);
  // A rhythm within the hour goes by the clock on the wall, as it does on every other day.
  if (fields.everyHour) return instants;
  if (instants.length === 0) return schedule.dst.gap === 'skip' ? [] : [wallMs - clocks.beforeMs];
  return schedule.dst.overlap === 'both' ? instants : instants.slice(0, 1);
}

/** A cron schedule with its expression read. */
export interface ParsedSchedule {
  readonly schedule: CronSchedule;
  readonly fields: CronFields;
}

/** The one offset that all times of a day have; null where the clocks change on it. */
function steadyOffset({ beforeMs, afterMs, changeAtMs }: Clocks, day: number): number | null {
  const [least, most] = [Math.min(beforeMs, afterMs), Math.max(beforeMs, afterMs)];
  if ((day + 1) * dayMs - least <= changeAtMs) return beforeMs;
  return day * dayMs - most >= changeAtMs ? afterMs : null;
}

/**
 * The fires that belong to a day of the wall clock, ascending. A time that a gap leaves out is moved by the length of the
 * gap (RFC 5545 3.3.5: by the offset before it), so it may lie on the next day.
 *
 * @param day  days since the epoch, by the wall clock
 */
export function firesOfDay(parsed: ParsedSchedule, day: number): number[] {
  const { fields, schedule } = parsed;
  if (!matchesDay(fields, day)) return [];
  const clocks = clocksAround(schedule.timezone, day);
  const walls = fields.hours.flatMap((hour) => fields.minutes.map((minute) => day * dayMs + (hour * 60 + minute) * minuteMs));
  const steadyMs = steadyOffset(clocks, day);
  if (steadyMs !== null) return walls.map((wallMs) => wallMs - steadyMs);
  const instants = walls.flatMap((wallMs) => instantsByDst(wallMs, clocks, parsed));
  return [...new Set(instants)].sort((a, b) => a - b);
}
