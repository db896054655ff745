/** The score is not validated below this age. @see Royal College of Physicians, NEWS2, 2017 */
const news2FromAge = 16;

const dayMs = 86_400_000;

export type AgeBand = 'scored' | 'refused' | 'unknown';

/** When somebody born on that day turns 16, UTC. A birthday on 29 February is kept on 1 March of other years. */
function sixteenthBirthday(birthDay: number): number {
  const birth = new Date(birthDay * dayMs);
  return Date.UTC(birth.getUTCFullYear() + news2FromAge, birth.getUTCMonth(), birth.getUTCDate());
}

export interface KnownAge {
  /** From the registry, days since 1970-01-01: takes precedence. */
  readonly birthDate: number | null;
  /** As the device told it. */
  readonly birthYear: number | null;
}

/**
 * Whether a patient may be scored at `atMs`. A year of birth that leaves it open (the 16th birthday is in this very year)
 * counts as unknown: the score is given, with a flag.
 */
export function ageBandOf({ birthDate, birthYear }: KnownAge, atMs: number): AgeBand {
  if (birthDate !== null) return atMs >= sixteenthBirthday(birthDate) ? 'scored' : 'refused';
  if (birthYear === null) return 'unknown';
  if (atMs >= Date.UTC(birthYear + news2FromAge + 1, 0)) return 'scored';
  return atMs < Date.UTC(birthYear + news2FromAge, 0) ? 'refused' : 'unknown';
}
