import { expect, test } from '@jest/globals';
import { parseCron, type CronFields } from '@vigil/definitions';
import fc from 'fast-check';
import { firesBetween, lastFiresBetween, nextFire } from './calendar.ts';
import type { CronSchedule } from './timed-schedule.ts';

const minuteMs = 60_000;
const spanMs = 2 * 86_400_000;

/** Days before which the clocks of a zone change within the span; the last of each is an ordinary one. */
const starts: readonly (readonly [string, readonly string[]])[] = [
  ['America/New_York', ['2026-03-07', '2026-10-31', '2026-06-10']],
  ['Europe/Berlin', ['2026-03-28', '2026-10-24', '2026-02-27']],
  ['Australia/Lord_Howe', ['2026-10-03', '2026-04-04', '2026-12-30']],
  ['America/Sao_Paulo', ['2018-11-03', '2018-02-17', '2024-02-28']],
  ['Pacific/Apia', ['2011-12-29', '2012-03-31', '2026-11-26']],
  ['Africa/Casablanca', ['2026-02-14', '2026-03-21', '2026-07-01']],
];

const anySchedule = fc
  .record({
    minute: fc.constantFrom('*', '*/15', '0', '30', '5,35', '10-20/5', '59'),
    hour: fc.constantFrom('*', '0', '1', '2', '3', '*/4', '0-3', '1,2', '23', '12'),
    dayOfMonth: fc.constantFrom('*', '*', '*', '30', '1-15', '*/2'),
    dayOfWeek: fc.constantFrom('*', '*', '*', '0', 'MON-FRI'),
    gap: fc.constantFrom('shift' as const, 'skip' as const),
    overlap: fc.constantFrom('first' as const, 'both' as const),
    place: fc.constantFrom(...starts.flatMap(([zone, days]) => days.map((day) => ({ zone, day })))),
  })
  .map(({ minute, hour, dayOfMonth, dayOfWeek, gap, overlap, place }) => ({
    startMs: Date.parse(`${place.day}T00:00Z`),
    schedule: {
      type: 'cron',
      expression: `${minute} ${hour} ${dayOfMonth} * ${dayOfWeek}`,
      timezone: place.zone,
      dst: { gap, overlap },
      catch_up: 'none',
      overlap: 'skip',
    } satisfies CronSchedule,
  }));

function isMeant({ minutes, hours, daysOfMonth, daysOfWeek, months, eitherDay }: CronFields, wallMs: number): boolean {
  const wall = new Date(wallMs);
  const month = daysOfMonth.includes(wall.getUTCDate());
  const week = daysOfWeek.includes(wall.getUTCDay());
  if (!minutes.includes(wall.getUTCMinutes()) || !hours.includes(wall.getUTCHours()) || !months.includes(wall.getUTCMonth() + 1))
    return false;
  return eitherDay ? month || week : month && week;
}

/** What a clock on the wall of the zone shows, minute by minute; from another library than the calendar's. */
const wallsByStart = new Map<string, readonly (readonly [number, number])[]>();
function wallsOf(zone: string, startMs: number): readonly (readonly [number, number])[] {
  const key = `${zone} ${startMs}`;
  const known = wallsByStart.get(key);
  if (known) return known;
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  const walls: (readonly [number, number])[] = [];
  for (let at = startMs - spanMs / 2; at <= startMs + spanMs; at += minuteMs)
    walls.push([at, Date.parse(`${format.format(at).replace(' ', 'T')}Z`)]);
  wallsByStart.set(key, walls);
  return walls;
}

/** Walks through the minutes and does what the option says at each. */
function naiveFires({ expression, timezone, dst }: CronSchedule, startMs: number): number[] {
  const parsed = parseCron(expression);
  if (!parsed.ok) throw new Error(parsed.message);
  const { fields } = parsed;
  const rhythm = expression.split(' ')[1] === '*';
  const seen = new Set<number>();
  const fires = new Set<number>();
  let before: readonly [number, number] | undefined;
  for (const [atMs, wallMs] of wallsOf(timezone, startMs)) {
    if (before && !rhythm && dst.gap === 'shift') {
      const [beforeAt, beforeWall] = before;
      for (let missing = beforeWall + minuteMs; missing < wallMs; missing += minuteMs) {
        if (isMeant(fields, missing)) fires.add(beforeAt + (missing - beforeWall));
      }
    }
    if (isMeant(fields, wallMs) && (rhythm || dst.overlap === 'both' || !seen.has(wallMs))) fires.add(atMs);
    seen.add(wallMs);
    before = [atMs, wallMs];
  }
  return [...fires].filter((fire) => fire > startMs && fire <= startMs + spanMs).sort((a, b) => a - b);
}

test('the calendar agrees with a clock that is watched minute by minute', () => {
  fc.assert(
    fc.property(anySchedule, ({ schedule, startMs }) => {
      const untilMs = startMs + spanMs;
      const fires = firesBetween(schedule, startMs, untilMs, Number.POSITIVE_INFINITY);

      expect(fires).toEqual(naiveFires(schedule, startMs));
      expect(lastFiresBetween(schedule, startMs, untilMs, Number.POSITIVE_INFINITY)).toEqual(fires);
    }),
    { numRuns: 120 },
  );
});

test('the next fire is the first one behind any moment: never a repeat, never a step back', () => {
  fc.assert(
    fc.property(anySchedule, fc.integer({ min: 0, max: spanMs }), ({ schedule, startMs }, offsetMs) => {
      const afterMs = startMs + offsetMs;
      const [first = null, second = null] = firesBetween(schedule, afterMs, Number.POSITIVE_INFINITY, 2);

      expect(nextFire(schedule, afterMs)).toBe(first);
      expect(first === null ? null : nextFire(schedule, first)).toBe(second);
      expect(second === null || second > (first as number)).toBe(true);
    }),
    { numRuns: 120 },
  );
});
