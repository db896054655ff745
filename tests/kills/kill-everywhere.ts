import type { Ground } from './ground.ts';
import type { PlayedPlace } from './judge-kills.ts';
import { places, transactionPlace, type Place, type PlayName } from './places.ts';
import { playFiles } from './plays/files.ts';
import { playPeople } from './plays/people.ts';
import type { Play } from './plays/play.ts';
import { playOrphan, playStage } from './plays/stage.ts';
import { playTick } from './plays/tick.ts';
import { until } from './plays/until.ts';

const plays: Readonly<Record<PlayName, Play>> = {
  files: playFiles,
  people: playPeople,
  stage: playStage,
  orphan: playOrphan,
  tick: playTick,
  leftover: playFiles,
};

/** The relay has work only where somebody died between his commit and Kafka. */
const firstDeath = transactionPlace('hand-out', 'after');
const lookMs = 20;

/** Arms all places that are still to be struck, and takes away each at its death: whoever comes back passes it alive. */
function armUntilStruck(ground: Ground, ids: readonly string[], most: number): () => readonly string[] {
  const before = ground.struck().length;
  let told = '';
  const look = (): readonly string[] => {
    const struck = ground
      .struck()
      .slice(before)
      .filter((id) => ids.includes(id));
    const armed = struck.length < most ? ids.filter((id) => !struck.includes(id)) : [];
    if (armed.join() !== told) ground.arm(armed);
    told = armed.join();
    return struck;
  };
  look();
  const timer = setInterval(look, lookMs);
  return () => {
    clearInterval(timer);
    const struck = look();
    ground.arm([]);
    return struck;
  };
}

/** Where something must be left over first, the places are armed once somebody has died and left it. */
async function armBehindFirst(ground: Ground, ids: readonly string[], most: number): Promise<() => readonly string[]> {
  const disarmFirst = armUntilStruck(ground, [firstDeath], 1);
  const before = ground.deaths.length;
  await until('somebody dies with something left over', async () => (ground.deaths.length > before ? true : undefined));
  disarmFirst();
  return armUntilStruck(ground, ids, most);
}

export interface Killing {
  /** Names what is played. */
  readonly name: string;
  /** Most deaths that one play is struck by. */
  readonly most: number;
}

/** Plays once, kills at those of the places that are reached, and looks what comes of everything. All places are of one play. */
export async function killAt(ground: Ground, targets: readonly [Place, ...Place[]], { name, most }: Killing): Promise<PlayedPlace[]> {
  const startedMs = performance.now();
  const before = ground.deaths.length;
  const [{ play }] = targets;
  const ids = targets.map(({ id }) => id);
  const arming = play === 'leftover' ? armBehindFirst(ground, ids, most) : Promise.resolve(armUntilStruck(ground, ids, most));
  const played = Promise.all([plays[play](ground, name), arming]).then(([problems]) => problems);
  const problems = await played.catch((error: unknown) => [(error as Error).message]);
  const struck: readonly string[] = await arming.then(
    (disarm) => disarm(),
    () => [],
  );
  ground.arm([]);
  const deaths = ground.deaths.slice(before);
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  const hit = targets.filter(({ id }) => struck.includes(id));
  // A play that nobody was struck in is told, too: by the place that it was meant for.
  const meant = hit.length > 0 ? hit : targets.slice(0, 1);
  return meant.map((place) => ({ ...place, isStruck: struck.includes(place.id), deaths, problems, seconds }));
}

/** What is reached only after somebody died has no undisturbed play. */
const undisturbed = ['files', 'people', 'stage', 'tick'] as const;

/** One undisturbed play of each kind: what is wrong here is wrong without a death, and what nobody passes cannot be struck. */
export async function playUndisturbed(ground: Ground, series: string): Promise<string[]> {
  const problems: string[] = [];
  for (const name of undisturbed) {
    const found = await plays[name](ground, `${series}_undisturbed_${name}`).catch((error: unknown) => [(error as Error).message]);
    problems.push(...found.map((problem) => `${name}, undisturbed: ${problem}`));
  }
  const reached = ground.reached();
  const due = places.filter(({ play }) => (undisturbed as readonly PlayName[]).includes(play));
  return [...problems, ...due.filter(({ id }) => !reached.has(id)).map(({ id }) => `nobody passes: ${id}`)];
}
