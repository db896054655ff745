import { circumstances } from '../../load-tests/bench-report.ts';
import type { Ground } from './ground.ts';
import { judgeKills, type PlayedPlace } from './judge-kills.ts';
import { killAt, playUndisturbed } from './kill-everywhere.ts';
import { places, type Place } from './places.ts';

export interface KillOptions {
  readonly chosen: readonly Place[];
  /** Most deaths of one play. */
  readonly deaths: number;
  /** No play begins after it. */
  readonly minutes: number;
}

type Tell = (line: string) => void;

/** A place that a play did not come to is armed once more. */
const mostTries = 2;

const howOf = ({ problems, isStruck }: PlayedPlace): string =>
  problems.length > 0 ? problems.join('; ') : isStruck ? 'right' : 'nobody died';

/** Plays until every place was struck, or the time is over. */
async function killAll(
  ground: Ground,
  { chosen, deaths, minutes, series }: KillOptions & { series: string },
  tell: Tell,
): Promise<PlayedPlace[]> {
  const endMs = performance.now() + minutes * 60_000;
  const played: PlayedPlace[] = [];
  const tries = new Map<string, number>();
  const left = new Map(chosen.map((place) => [place.id, place]));
  for (let number = 0; left.size > 0 && performance.now() < endMs; number++) {
    const [first, ...others] = [...left.values()] as [Place, ...Place[]];
    const targets = [first, ...(deaths === 1 ? [] : others.filter(({ play }) => play === first.play))] as const;
    const came = await killAt(ground, targets, { name: `${series}_${number}`, most: deaths });
    for (const one of came) {
      tries.set(one.id, (tries.get(one.id) ?? 0) + 1);
      if (one.isStruck || tries.get(one.id) === mostTries) left.delete(one.id);
      const count = `${String(chosen.length - left.size).padStart(3)}/${chosen.length}`;
      tell(`${count}  ${one.seconds.toFixed(1).padStart(5)} s  ${one.id}: ${howOf(one)}`);
    }
    played.push(...came);
  }
  return played;
}

/** Undisturbed plays first, then the deaths; what came of it as a document, and in lines. */
export async function runKills(
  ground: Ground,
  options: KillOptions,
  tell: Tell,
): Promise<{ readonly document: object; readonly isGood: boolean }> {
  const startedMs = performance.now();
  const { chosen, deaths } = options;
  // No play meets a workflow or a run of an earlier one.
  const series = `kills_${Date.now().toString(36)}`;
  const undisturbed = await playUndisturbed(ground, series);
  for (const problem of undisturbed) tell(problem);
  const played = undisturbed.length === 0 ? await killAll(ground, { ...options, series }, tell) : [];
  const reached = chosen === places ? ground.reached() : new Set<string>();
  const { isGood, ...verdict } = judgeKills({ places: chosen, played, reached });
  for (const id of verdict.unreached) tell(`nobody was killed at: ${id}`);
  for (const id of verdict.unlisted) tell(`not in the list of places: ${id}`);
  for (const { id, problem } of verdict.wrong) tell(`${id}: ${problem}`);
  const struck = played.filter(({ isStruck }) => isStruck).length;
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  tell(`${struck} of ${chosen.length} places in ${seconds} s: ${isGood ? 'every run ended right' : 'NOT every run ended right'}`);
  const found = { places: chosen.length, struck, deathsInAPlay: deaths, undisturbed, ...verdict, played, seconds };
  return { document: { name: 'kill-workflows', ...circumstances(), ...found }, isGood };
}
