const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/**
 * Days since 1970-01-01 of a calendar date; null = there is no such day, or none of the years 1800 to 2999.
 * @see Howard Hinnant, days_from_civil
 */
export function dayOf(year: number, month: number, day: number): number | null {
  if (!(year >= 1800 && year <= 2999 && month >= 1 && month <= 12 && day >= 1)) return null;
  if (day > (monthDays[month - 1] as number) && !(month === 2 && day === 29 && isLeap(year))) return null;
  const fromMarch = month > 2 ? year : year - 1;
  const era = Math.floor(fromMarch / 400);
  const yearOfEra = fromMarch - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
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
  text.length === 10 && text[4] === '-' && text[7] === '-' ? dayOf(numberAt(text, 0, 4), numberAt(text, 5, 2), numberAt(text, 8, 2)) : null;

/** `CCYYMMDD` of X12. */
export const parseX12Day = (text: string): number | null =>
  text.length === 8 ? dayOf(numberAt(text, 0, 4), numberAt(text, 4, 2), numberAt(text, 6, 2)) : null;

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** `30-May-2015` of a RIF file. */
export function parseRifDay(text: string): number | null {
  if (text.length !== 11 || text[2] !== '-' || text[6] !== '-') return null;
  return dayOf(numberAt(text, 7, 4), months.indexOf(text.slice(3, 6).toUpperCase()) + 1, numberAt(text, 0, 2));
}
