const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A length of time in two units at most: `340 ms`, `12.4 s`, `3 m 05 s`, `2 h 10 m`, `4 d 3 h`. @param ms  milliseconds */
export function durationText(ms: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  if (ms < second) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < minute) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} m ${two(Math.floor((ms % minute) / second))} s`;
  if (ms < day) return `${Math.floor(ms / hour)} h ${two(Math.floor((ms % hour) / minute))} m`;
  return `${Math.floor(ms / day)} d ${Math.floor((ms % day) / hour)} h`;
}

/** A time in UTC, to the second: `2026-11-26 11:12:49`. @param instant  RFC 3339; null = none */
export const instantText = (instant: string | null): string => (instant === null ? '–' : instant.slice(0, 19).replace('T', ' '));

/** Enough of an id to tell runs apart. */
export const shortId = (id: string): string => id.slice(0, 8);

/** How long something took or takes. @param nowMs  end of what has not ended */
export function tookText(startedAt: string | null, endedAt: string | null, nowMs: number): string {
  if (startedAt === null) return '–';
  return durationText((endedAt === null ? nowMs : Date.parse(endedAt)) - Date.parse(startedAt));
}
