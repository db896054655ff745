const msPerDay = 86_400_000;

/** Days since 1970-01-01 of a calendar date; null = there is no such day, or none of the years 1800 to 2999. */
export function dayOf(year: number, month: number, day: number): number | null {
  if (year < 1800 || year > 2999 || month < 1 || month > 12 || day < 1 || day > 31) return null;
  const ms = Date.UTC(year, month - 1, day);
  return new Date(ms).getUTCDate() === day ? ms / msPerDay : null;
}

const digit = (text: string, at: number): number => text.charCodeAt(at) - 0x30;

/** A number of `digits` digits; NaN where one is none. */
function numberAt(text: string, from: number, digits: number): number {
  let value = 0;
  for (let at = from; at < from + digits; at++) {
    const next = digit(text, at);
    if (!(next >= 0 && next <= 9)) return Number.NaN;
    value = value * 10 + next;
  }
  return value;
}

/** `YYYY-MM-DD`. */
export const parseIsoDay = (text: string): number | null =>
  text.length === 10 && text[4] === '-' && text[7] === '-'
    ? checked(numberAt(text, 0, 4), numberAt(text, 5, 2), numberAt(text, 8, 2))
    : null;

/** `CCYYMMDD` of X12. */
export const parseX12Day = (text: string): number | null =>
  text.length === 8 ? checked(numberAt(text, 0, 4), numberAt(text, 4, 2), numberAt(text, 6, 2)) : null;

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** `30-May-2015` of a RIF file. */
export function parseRifDay(text: string): number | null {
  if (text.length !== 11 || text[2] !== '-' || text[6] !== '-') return null;
  return checked(numberAt(text, 7, 4), months.indexOf(text.slice(3, 6).toUpperCase()) + 1, numberAt(text, 0, 2));
}

const checked = (year: number, month: number, day: number): number | null =>
  Number.isNaN(year) || Number.isNaN(month) || Number.isNaN(day) ? null : dayOf(year, month, day);
