const dayMs = 86_400_000;

/** Completed years between two days, by the calendar (UTC). */
function completedYears(birthDay: number, atMs: number): number {
  const birth = new Date(birthDay * dayMs);
  const at = new Date(atMs);
  const years = at.getUTCFullYear() - birth.getUTCFullYear();
  const beforeBirthday =
    at.getUTCMonth() < birth.getUTCMonth() || (at.getUTCMonth() === birth.getUTCMonth() && at.getUTCDate() < birth.getUTCDate());
  return beforeBirthday ? years - 1 : years;
}

/**
 * The age band at a time: `0-17`, `18-29`, then decades, `90+` for everyone over 89.
 *
 * @param birthDay  days since 1970-01-01
 * @param atMs  the time the age is meant at
 * @returns null when unknown or after `atMs`
 * @see 45 CFR 164.514(b)(2)(i)(C): ages over 89 may only be told as one category
 */
export function ageGroupOf(birthDay: number | null, atMs: number): string | null {
  if (birthDay === null) return null;
  const age = completedYears(birthDay, atMs);
  if (!(age >= 0)) return null;
  if (age >= 90) return '90+';
  if (age < 18) return '0-17';
  if (age < 30) return '18-29';
  const decade = Math.floor(age / 10) * 10;
  return `${decade}-${decade + 9}`;
}
