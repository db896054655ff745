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

/** After the first death the second place is armed. */
async function armSecond(ground: Ground, id: string, deathsBefore: number): Promise<void> {
  ground.arm(firstDeath);
  await until('somebody dies with something left over', async () => (ground.deaths.length > deathsBefore ? true : undefined));
  ground.arm(id);
}

/** Kills once at a place, and looks what comes of everything. */
export async function killAt(ground: Ground, { id, victim, play }: Place, name: string): Promise<PlayedPlace> {
  const startedMs = performance.now();
  const deathsBefore = ground.deaths.length;
  const isSecond = play === 'leftover';
  const disarm = disarmAfter(ground, isSecond ? deathsBefore + 1 : deathsBefore, victim);
  if (!isSecond) ground.arm(id);
  const arming = isSecond ? armSecond(ground, id, deathsBefore) : Promise.resolve();
  const played = Promise.all([plays[play](ground, name), arming]).then(([problems]) => problems);
  const problems = await played.catch((error: unknown) => [(error as Error).message]);
  disarm();
  const deaths = ground.deaths.slice(deathsBefore);
  return { id, victim, play, deaths, problems, seconds: Math.round((performance.now() - startedMs) / 100) / 10 };
}

const lookMs = 20;

/** One death a place: whoever comes back passes it alive. */
function disarmAfter(ground: Ground, deathsBefore: number, victim: Place['victim']): () => void {
  const timer = setInterval(() => {
    if (ground.deaths.slice(deathsBefore).some((death) => death.victim === victim)) disarm();
  }, lookMs);
  const disarm = (): void => {
    clearInterval(timer);
    ground.arm(null);
  };
  return disarm;
}

/** What is reached only after somebody died has no undisturbed play. */
const undisturbed = ['files', 'people', 'stage', 'tick'] as const;

/** One undisturbed play of each kind: what is wrong here is wrong without a death, and what nobody passes cannot be struck. */
export async function playUndisturbed(ground: Ground): Promise<string[]> {
  const problems: string[] = [];
  for (const name of undisturbed) {
    const found = await plays[name](ground, `kills_undisturbed_${name}`).catch((error: unknown) => [(error as Error).message]);
    problems.push(...found.map((problem) => `${name}, undisturbed: ${problem}`));
  }
  const reached = ground.reached();
  const due = places.filter(({ play }) => (undisturbed as readonly PlayName[]).includes(play));
  return [...problems, ...due.filter(({ id }) => !reached.has(id)).map(({ id }) => `nobody passes: ${id}`)];
}
