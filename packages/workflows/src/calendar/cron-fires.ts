import { parseCron } from '@vigil/definitions';
import { boundedMemo, VigilError } from '@vigil/core';
import { clocksAround, dayMs } from './clocks-around.ts';
import { firesOfDay, matchesDay, type ParsedSchedule } from './fires-of-day.ts';
import type { CronSchedule } from './timed-schedule.ts';

/** The 29th of February on one weekday comes again within 40 years, also around 2100. */
const horizonDays = 41 * 366;
/** Zones are at most 14 hours from UTC, and a gap moves a time by at most a day. */
const marginDays = 2;
/** More than any zone is or was ahead of UTC. */
const maxAheadMs = 16 * 3_600_000;

const rememberedCron = boundedMemo(2000, parseCron);

/** @throws VigilError BAD_DEFINITION of an expression that no definition can hold */
function parseSchedule(schedule: CronSchedule): ParsedSchedule {
  const parsed = rememberedCron(schedule.expression);
  if (parsed.ok) return { schedule, fields: parsed.fields };
  throw new VigilError('BAD_DEFINITION', { detail: `${schedule.expression}: ${parsed.message}.` });
}

const minuteMs = 60_000;

/** The offset of a zone where it is the same from two days before `day` to three behind it. */
function steadyOffset(zone: string, day: number): number | undefined {
  const [before, after] = [clocksAround(zone, day - 1), clocksAround(zone, day + 1)];
  const offsets = new Set([before.beforeMs, before.afterMs, after.beforeMs, after.afterMs]);
  return offsets.size === 1 ? before.beforeMs : undefined;
}

/**
 * The next fire where no clock changes anywhere near: on the day of `afterMs` or the next. Undefined where that does not tell:
 * the long way does. Most questions are of this kind, and a scheduler has a thousand of them a second.
 */
export function nextOrdinaryFire(schedule: CronSchedule, afterMs: number): number | undefined {
  const { fields } = parseSchedule(schedule);
  const offset = steadyOffset(schedule.timezone, Math.floor(afterMs / dayMs));
  if (offset === undefined) return undefined;
  const wallMs = afterMs + offset;
  const today = Math.floor(wallMs / dayMs);
  for (const day of [today, today + 1]) {
    if (!matchesDay(fields, day)) continue;
    // -1 on the next day: midnight is a time of it.
    const past = day === today ? Math.floor((wallMs - day * dayMs) / minuteMs) : -1;
    const hour = fields.hours.find((each) => each * 60 + (fields.minutes.at(-1) ?? 0) > past);
    const minute = hour === undefined ? undefined : fields.minutes.find((each) => hour * 60 + each > past);
    if (hour !== undefined && minute !== undefined) return day * dayMs + (hour * 60 + minute) * minuteMs - offset;
  }
  return undefined;
}

/** Ascending fires behind `afterMs`, without end; ends only where none comes within 41 years. */
export function* firesAfter(schedule: CronSchedule, afterMs: number): Generator<number> {
  const parsed = parseSchedule(schedule);
  let lastMs = afterMs;
  let waiting: number[] = [];
  let idleDays = 0;
  for (let day = Math.floor(afterMs / dayMs) - marginDays; idleDays <= horizonDays; day++) {
    const fires = firesOfDay(parsed, day).filter((fireMs) => fireMs > lastMs);
    idleDays = fires.length > 0 ? 0 : idleDays + 1;
    if (fires.length > 0) waiting = waiting.length > 0 ? [...waiting, ...fires].sort((a, b) => a - b) : fires;
    // No later day of the wall clock reaches back beyond this.
    const settledMs = (day + 1) * dayMs - maxAheadMs;
    while (waiting[0] !== undefined && waiting[0] < settledMs) {
      const fireMs = waiting.shift() as number;
      if (fireMs <= lastMs) continue;
      lastMs = fireMs;
      yield fireMs;
    }
  }
}

/** Descending fires up to `untilMs`, itself included, down to `fromMs`, itself not. */
export function* firesBefore(schedule: CronSchedule, untilMs: number, fromMs: number): Generator<number> {
  const parsed = parseSchedule(schedule);
  let lastMs = untilMs + 1;
  let waiting: number[] = [];
  const firstDay = Math.floor(fromMs / dayMs) - marginDays;
  for (let day = Math.floor(untilMs / dayMs) + marginDays; day >= firstDay; day--) {
    const fires = firesOfDay(parsed, day).filter((fireMs) => fireMs < lastMs && fireMs > fromMs);
    waiting = [...waiting, ...fires].sort((a, b) => b - a);
    const settledMs = day === firstDay ? fromMs : (day + marginDays) * dayMs;
    while (waiting[0] !== undefined && waiting[0] > settledMs) {
      const fireMs = waiting.shift() as number;
      if (fireMs >= lastMs) continue;
      lastMs = fireMs;
      yield fireMs;
    }
  }
}
