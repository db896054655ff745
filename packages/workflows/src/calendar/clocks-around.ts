import { boundedMemo } from '@vigil/core';

export const dayMs = 86_400_000;

/** How far the clocks of a zone are ahead of UTC around a day. */
export interface Clocks {
  readonly beforeMs: number;
  readonly afterMs: number;
  /** When `afterMs` takes the place of `beforeMs`; infinite where they are the same. */
  readonly changeAtMs: number;
}

const zonedAt = (zone: string, instantMs: number): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(zone);

const offsetMsOf = (zoned: Temporal.ZonedDateTime): number => zoned.offsetNanoseconds / 1e6;

function lookAround(zone: string, day: number): Clocks {
  const start = zonedAt(zone, (day - 1) * dayMs);
  const beforeMs = offsetMsOf(start);
  const afterMs = offsetMsOf(zonedAt(zone, (day + 2) * dayMs));
  const change = beforeMs === afterMs ? null : start.getTimeZoneTransition('next');
  return { beforeMs, afterMs, changeAtMs: change?.epochMilliseconds ?? Number.POSITIVE_INFINITY };
}

/** A scheduler asks for the same days of the same zones all the time, and a look-up in the database of zones is dear. */
const remembered = boundedMemo(2000, (key) => {
  const [day = '', zone = ''] = key.split(' ', 2);
  return lookAround(zone, Number(day));
});

/** From a day before `day` (since the epoch, UTC) to a day behind it: no zone is further from UTC. No zone changes its clocks twice within that. */
export const clocksAround = (zone: string, day: number): Clocks => remembered(`${day} ${zone}`);
