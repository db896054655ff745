import type { EngineSettings } from '@vigil/kafka';
import { createSeededRandom, type SeededRandom } from '@vigil/testing';
import type { Play } from './plays/play.ts';

/** One record that is sent, at a virtual time after the start. */
export interface PlannedRecord<Value = unknown> {
  readonly atMs: number;
  /** Which of the play's inputs it goes to. */
  readonly input: number;
  readonly partition: number;
  readonly key: string;
  /** Null = bytes that are no Avro. */
  readonly value: Value | null;
}

export type Trouble =
  /** The process dies and is started again. */
  | { readonly kind: 'crash'; readonly atMs: number; readonly process: number; readonly forMs: number }
  /** The process stands still, and wakes as a zombie when that was long. */
  | { readonly kind: 'pause'; readonly atMs: number; readonly process: number; readonly forMs: number }
  /** Nothing passes between the process and what it talks to. */
  | { readonly kind: 'partition'; readonly atMs: number; readonly process: number; readonly forMs: number }
  /** Drained and started again, as in a rolling deployment. */
  | { readonly kind: 'redeploy'; readonly atMs: number; readonly process: number; readonly forMs: number }
  | { readonly kind: 'broker-away'; readonly atMs: number; readonly forMs: number }
  | { readonly kind: 'registry-away'; readonly atMs: number; readonly forMs: number }
  | { readonly kind: 'database-away'; readonly atMs: number; readonly forMs: number }
  /** Coordinators move to another broker, which first has to load what they know. */
  | { readonly kind: 'coordinator-moves'; readonly atMs: number; readonly forMs: number }
  /** The coordinator forgets a member. */
  | { readonly kind: 'expel'; readonly atMs: number; readonly process: number }
  /** Quarantined records go back by the retry topics. */
  | { readonly kind: 'requeue'; readonly atMs: number }
  /** Changelogs are compacted. */
  | { readonly kind: 'compact'; readonly atMs: number }
  /** A sink is taken back to an earlier position, its rows from there on deleted. `part` of what it has read is kept. */
  | { readonly kind: 'rewind'; readonly atMs: number; readonly partition: number; readonly part: number }
  /** Somebody writes to a source in a transaction that is aborted: nobody may see it, and everybody must get past it. */
  | { readonly kind: 'aborted'; readonly atMs: number; readonly partition: number; readonly part: number }
  /** The broker deletes what was not read yet: the engine must stop there, never skip. */
  | { readonly kind: 'retention'; readonly atMs: number; readonly partition: number };

/** Chances of each request by itself. */
export interface Weather {
  readonly requestLost: number;
  readonly responseLost: number;
  readonly slow: number;
  readonly refused: number;
  readonly duplicated: number;
  /** Longest time from the decision over a transaction to one of its markers. */
  readonly markersMs: number;
}

export interface Scenario {
  readonly seed: number;
  readonly play: Play;
  readonly partitions: number;
  readonly processes: number;
  readonly activeMs: number;
  readonly commitRecords: number;
  readonly recordsPerFetch: number;
  /** Limits that the records may well meet; null = those of production, which they do not. */
  readonly quarantine: EngineSettings['quarantine'] | null;
  readonly records: readonly PlannedRecord[];
  readonly troubles: readonly Trouble[];
  readonly weather: Weather;
}

export const between = (random: SeededRandom, low: number, high: number): number => low + Math.floor(random.next() * (high - low + 1));

/** From a hiccup to beyond the session's and the transaction's time-out. */
const drawSpan = (random: SeededRandom): number =>
  random.pick([between(random, 1, 50), between(random, 100, 2_000), between(random, 3_000, 9_000), between(random, 9_000, 25_000)]);

const usualTroubles = [
  'crash',
  'crash',
  'pause',
  'pause',
  'partition',
  'partition',
  'redeploy',
  'broker-away',
  'registry-away',
  'coordinator-moves',
  'expel',
  'requeue',
  'compact',
  'aborted',
  'aborted',
] as const satisfies readonly Trouble['kind'][];

interface Surroundings {
  readonly activeMs: number;
  readonly processes: number;
  readonly partitions: number;
}

function drawTrouble(random: SeededRandom, kinds: Play['troubles'], { activeMs, processes, partitions }: Surroundings): Trouble {
  const common = {
    atMs: between(random, 0, activeMs),
    process: between(random, 0, processes - 1),
    partition: between(random, 0, partitions - 1),
    part: random.next(),
    forMs: drawSpan(random),
  };
  return { ...common, kind: random.pick([...usualTroubles, ...kinds]) };
}

/** Rarely, as a stage that has lost records must stop: what would happen then is not played. */
function drawRetention(random: SeededRandom, { activeMs, partitions }: Surroundings): Trouble[] {
  if (!random.chance(0.04)) return [];
  return [{ kind: 'retention', atMs: between(random, 1_000, activeMs), partition: between(random, 0, partitions - 1) }];
}

const calm: Weather = { requestLost: 0, responseLost: 0, slow: 0, refused: 0, duplicated: 0, markersMs: 0 };

function drawWeather(random: SeededRandom): Weather {
  if (random.chance(0.25)) return calm;
  const strength = random.pick([0.005, 0.02, 0.06]);
  const draw = (): number => (random.chance(0.6) ? random.next() * strength : 0);
  return {
    requestLost: draw(),
    responseLost: draw(),
    slow: draw(),
    refused: draw(),
    duplicated: draw(),
    markersMs: random.pick([0, 5, 60, 1_500]),
  };
}

function drawQuarantine(random: SeededRandom, { mayHalt }: Play): Scenario['quarantine'] {
  if (!mayHalt || !random.chance(0.2)) return null;
  return random.chance(0.7)
    ? { consecutive: between(random, 1, 5), ratio: 1, ratioMinRecords: 1_000 }
    : { consecutive: 1_000, ratio: 0.25, ratioMinRecords: between(random, 3, 8) };
}

/** Everything that a seed decides before the first request; what the network does is drawn on the way, from the same seed. */
export function drawScenario(seed: number, startMs: number, play: Play): Scenario {
  const random = createSeededRandom(Math.imul(seed, 0x9e3779b1) ^ 0x5eed);
  const surroundings: Surroundings = {
    activeMs: between(random, 5_000, 40_000),
    processes: between(random, 1, 3),
    partitions: between(random, 1, 3),
  };
  const troubles = Array.from({ length: between(random, 0, 8) }, () => drawTrouble(random, play.troubles, surroundings));
  const quarantine = drawQuarantine(random, play);
  const retention = play.troubles.includes('retention') && !quarantine ? drawRetention(random, surroundings) : [];
  return {
    seed,
    play,
    ...surroundings,
    commitRecords: between(random, 1, 12),
    recordsPerFetch: between(random, 1, 20),
    quarantine,
    records: play.draw(random, { startMs, quarantine, ...surroundings }),
    troubles: [...troubles, ...retention],
    weather: drawWeather(random),
  };
}
