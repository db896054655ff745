const zero = 0x30;
const dayMs = 86_400_000;
const lastMsOfMinute = 59_999;
const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;
const daysIn = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Where the seconds of an RFC 3339 timestamp stand. */
const secondsAt = 17;
const fractionAt = 19;

const isLeapYear = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** Two digits as a number, NaN where one is none. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - zero;
  const ones = text.charCodeAt(at + 1) - zero;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** Days from 1970-01-01 to a date of the years 1 to 9999; NaN where the calendar has no such date. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const leap = isLeapYear(year);
  const length = (daysIn[month - 1] ?? 0) + (month === 2 && leap ? 1 : 0);
  if (!(year >= 1 && day >= 1 && day <= length)) return Number.NaN;
  const before = year - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 477;
  return (year - 1970) * 365 + leapDays + (daysBefore[month - 1] as number) + (month > 2 && leap ? 1 : 0) + day - 1;
}

/** Days since 1970-01-01 of `YYYY-MM-DD` at the start of `text`, NaN where there is none. */
export function parseDatePrefix(text: string): number {
  if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return Number.NaN;
  return daysSinceEpoch(twoDigits(text, 0) * 100 + twoDigits(text, 2), twoDigits(text, 5), twoDigits(text, 8));
}

/** Milliseconds of the fraction (digits beyond the third are cut off) and where it ends; NaN where a point stands alone. */
function parseFraction(text: string): { readonly ms: number; readonly end: number } {
  if (text.charCodeAt(fractionAt) !== 0x2e) return { ms: 0, end: fractionAt };
  let ms = 0;
  let end = fractionAt + 1;
  for (let digit = text.charCodeAt(end) - zero; digit >= 0 && digit <= 9; digit = text.charCodeAt(++end) - zero) {
    if (end <= fractionAt + 3) ms += digit * 10 ** (fractionAt + 3 - end);
  }
  return { ms: end === fractionAt + 1 ? Number.NaN : ms, end };
}

/** Offset from UTC in milliseconds of what stands from `at` to the end: `Z`, `+hh:mm` or `-hh:mm`. */
function parseZone(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if (sign === 0x5a || sign === 0x7a) return text.length === at + 1 ? 0 : Number.NaN;
  if ((sign !== 0x2b && sign !== 0x2d) || text.length !== at + 6 || text.charCodeAt(at + 3) !== 0x3a) return Number.NaN;
  const hours = twoDigits(text, at + 1);
  const minutes = twoDigits(text, at + 4);
  return hours <= 23 && minutes <= 59 ? (hours * 60 + minutes) * (sign === 0x2b ? 60_000 : -60_000) : Number.NaN;
}

/** Nobody measures more finely; it bounds the work on a fraction of millions of digits. */
const maxCharacters = 64;

/** Whether the seconds of a timestamp read 60. */
export const isLeapSecond = (text: string): boolean => text.charCodeAt(secondsAt) === 0x36 && text.charCodeAt(secondsAt + 1) === zero;

/**
 * Reads an RFC 3339 timestamp of 1970 or later; the zone is required, because local time is ambiguous twice a year.
 *
 * A leap second (`23:59:60` in UTC) is clamped to the last millisecond before midnight, so that it stays in its day and
 * keeps its order; `:60` at any other time is no timestamp.
 *
 * @returns milliseconds since the epoch (finer digits are cut off), NaN where `text` is none
 * @see RFC 3339, 5.6 and 5.7
 */
export function parseTimestamp(text: string): number {
  if (text.length > maxCharacters) return Number.NaN;
  const days = parseDatePrefix(text);
  const hours = twoDigits(text, 11);
  const minutes = twoDigits(text, 14);
  const seconds = twoDigits(text, secondsAt);
  const separator = text.charCodeAt(10);
  const shaped = (separator === 0x54 || separator === 0x74) && text.charCodeAt(13) === 0x3a && text.charCodeAt(16) === 0x3a;
  if (!shaped || !(hours <= 23 && minutes <= 59 && seconds <= 60)) return Number.NaN;

  const fraction = parseFraction(text);
  const minuteMs = days * dayMs + (hours * 60 + minutes) * 60_000 - parseZone(text, fraction.end);
  if (!(minuteMs >= 0)) return Number.NaN;
  if (!isLeapSecond(text)) return minuteMs + seconds * 1000 + fraction.ms;
  const endsDay = minuteMs % dayMs === dayMs - 60_000 && !Number.isNaN(fraction.ms);
  return endsDay ? minuteMs + lastMsOfMinute : Number.NaN;
}
