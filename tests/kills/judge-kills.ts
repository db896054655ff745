import type { Place } from './places.ts';

/** What came of one place. */
export interface PlayedPlace extends Place {
  /** Somebody died there. */
  readonly isStruck: boolean;
  /** All who ended in that play. */
  readonly deaths: readonly { readonly victim: string; readonly how: string }[];
  readonly problems: readonly string[];
  readonly seconds: number;
}

export interface Kills {
  /** The list, as it should be. */
  readonly places: readonly Place[];
  readonly played: readonly PlayedPlace[];
  /** Places that the programs passed, killed there or not. */
  readonly reached: ReadonlySet<string>;
}

export interface Verdict {
  /** Nobody was killed there: the place proves nothing. */
  readonly unreached: readonly string[];
  /** The programs pass it, and the list does not know it. */
  readonly unlisted: readonly string[];
  readonly wrong: readonly { readonly id: string; readonly problem: string }[];
  readonly isGood: boolean;
}

const wasKilled = ({ isStruck, victim, deaths }: PlayedPlace): boolean =>
  isStruck && deaths.some((death) => death.victim === victim && death.how === 'SIGKILL');

/** An end that nobody brought about is a fault of the program, be the outcome right or not. */
const strangeEnds = ({ deaths }: PlayedPlace): string[] =>
  deaths.filter(({ how }) => how !== 'SIGKILL').map(({ victim, how }) => `the ${victim} ended by itself: ${how}`);

/** Whether every place of the list was struck, and every run came to its right end all the same. */
export function judgeKills({ places, played, reached }: Kills): Verdict {
  const struck = new Set(played.filter(wasKilled).map(({ id }) => id));
  const listed = new Set(places.map(({ id }) => id));
  const unreached = places.map(({ id }) => id).filter((id) => !struck.has(id));
  const unlisted = [...reached].filter((id) => !listed.has(id));
  const wrong = played.flatMap((one) => [...one.problems, ...strangeEnds(one)].map((problem) => ({ id: one.id, problem })));
  return { unreached, unlisted, wrong, isGood: unreached.length + unlisted.length + wrong.length === 0 };
}
