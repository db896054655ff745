import type { Day } from './claim-world.ts';

/** A date of the Gregorian calendar; months count from 1. */
export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const daysOf400Years = 146_097;
/** From 0000-03-01, where the arithmetic below begins its years, to 1970-01-01. */
const daysTo1970 = 719_468;

/**
 * The calendar date of a day count, in integers only.
 *
 * @see Howard Hinnant, chrono-Compatible Low-Level Date Algorithms: `civil_from_days`
 */
export function dateOf(day: Day): CalendarDate {
  const shifted = day + daysTo1970;
  const era = Math.floor(shifted / daysOf400Years);
  const ofEra = shifted - era * daysOf400Years;
  const yearOfEra = Math.floor((ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365);
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * ofYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: ofYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

/** The day count of a calendar date, the inverse of `dateOf`. */
export function dayOf({ year, month, day }: CalendarDate): Day {
  const fromMarch = month <= 2 ? year - 1 : year;
  const era = Math.floor(fromMarch / 400);
  const yearOfEra = fromMarch - era * 400;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const ofEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + ofYear;
  return era * daysOf400Years + ofEra - daysTo1970;
}

/** The first calendar year of the plan year that a day lies in. */
export function planYearOf(day: Day, startMonth: number): number {
  const { year, month } = dateOf(day);
  return month >= startMonth ? year : year - 1;
}

/** Completed years of life on a day; someone born on 29 February completes a year on 1 March. */
export function ageOn(day: Day, birth: Day): number {
  const [now, then] = [dateOf(day), dateOf(birth)];
  const hadBirthday = now.month > then.month || (now.month === then.month && now.day >= then.day);
  return now.year - then.year - (hadBirthday ? 0 : 1);
}

/** The same date a year later; 28 February for 29 February, as Medicare counts its filing year. */
export function yearAfter(day: Day): Day {
  const date = dateOf(day);
  return dayOf({ ...date, year: date.year + 1, day: date.month === 2 && date.day === 29 ? 28 : date.day });
}
