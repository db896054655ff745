import { createSeededRandom, type SeededRandom } from '@vigil/testing';
import { kinds, timing, type Sample } from './ward-topology.ts';

/** One record that is sent, at a virtual time after the start. */
export interface PlannedRecord {
  readonly atMs: number;
  readonly source: 0 | 1;
  readonly patient: number;
  /** Null = bytes that are no Avro. */
  readonly sample: Sample | null;
}

export type Trouble =
  /** The process dies and is started again. */
  | { readonly kind: 'crash'; readonly atMs: number; readonly process: number; readonly forMs: number }
  /** The process stands still, and wakes as a zombie when that was long. */
  | { readonly kind: 'pause'; readonly atMs: number; readonly process: number; readonly forMs: number }
  /** Nothing passes between the process and the broker. */
  | { readonly kind: 'partition'; readonly atMs: number; readonly process: number; readonly forMs: number }
  /** Drained and started again, as in a rolling deployment. */
  | { readonly kind: 'redeploy'; readonly atMs: number; readonly process: number; readonly forMs: number }
  | { readonly kind: 'broker-away'; readonly atMs: number; readonly forMs: number }
  | { readonly kind: 'registry-away'; readonly atMs: number; readonly forMs: number }
  /** The coordinator forgets a member. */
  | { readonly kind: 'expel'; readonly atMs: number; readonly process: number }
  /** Quarantined records go back by the retry topics. */
  | { readonly kind: 'requeue'; readonly atMs: number }
  /** Changelogs are compacted. */
  | { readonly kind: 'compact'; readonly atMs: number }
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
  readonly partitions: number;
  readonly processes: number;
  readonly activeMs: number;
  readonly commitRecords: number;
  readonly recordsPerFetch: number;
  readonly records: readonly PlannedRecord[];
  readonly troubles: readonly Trouble[];
  readonly weather: Weather;
}

const between = (random: SeededRandom, low: number, high: number): number => low + Math.floor(random.next() * (high - low + 1));

function drawSample(random: SeededRandom, id: number, eventMs: number): Sample | null {
  if (random.chance(0.02)) return null;
  const kind = random.chance(0.04)
    ? kinds.malformed
    : random.chance(0.01)
      ? kinds.faulty
      : random.chance(0.03)
        ? kinds.withheld
        : kinds.sound;
  return { id, eventMs, value: between(random, 40, 100), kind };
}

/** Event times wander: out of order, at times minutes back, so that windows are closed, corrected and reopened. */
function drawRecords(random: SeededRandom, startMs: number, activeMs: number): PlannedRecord[] {
  const records: PlannedRecord[] = [];
  const patients = between(random, 1, 5);
  const count = between(random, 20, 90);
  for (let id = 1; id <= count; id++) {
    const atMs = between(random, 0, activeMs);
    // Event time ends where the clock begins: windows can then close idle, too.
    const progressMs = (atMs / activeMs - 1) * 5 * timing.windowMs;
    const backMs = random.chance(0.15) ? between(random, 0, 3 * timing.windowMs) : between(random, 0, 8_000);
    const planned: PlannedRecord = {
      atMs,
      source: random.chance(0.7) ? 0 : 1,
      patient: between(random, 1, patients),
      sample: drawSample(random, id, startMs + Math.floor(progressMs) - backMs),
    };
    records.push(planned);
    if (random.chance(0.1)) records.push({ ...planned, atMs: between(random, atMs, activeMs), source: random.chance(0.5) ? 0 : 1 });
  }
  return records;
}

/** From a hiccup to beyond the session's and the transaction's time-out. */
const drawSpan = (random: SeededRandom): number =>
  random.pick([between(random, 1, 50), between(random, 100, 2_000), between(random, 3_000, 9_000), between(random, 9_000, 25_000)]);

function drawTrouble(random: SeededRandom, activeMs: number, processes: number): Trouble {
  const atMs = between(random, 0, activeMs);
  const process = between(random, 0, processes - 1);
  const forMs = drawSpan(random);
  const kind = random.pick([
    'crash',
    'crash',
    'pause',
    'pause',
    'partition',
    'partition',
    'redeploy',
    'broker-away',
    'registry-away',
    'expel',
    'requeue',
    'compact',
  ] as const);
  return { kind, atMs, process, forMs };
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

/** Everything that a seed decides before the first request; what the network does is drawn on the way, from the same seed. */
export function drawScenario(seed: number, startMs: number): Scenario {
  const random = createSeededRandom(Math.imul(seed, 0x9e3779b1) ^ 0x5eed);
  const activeMs = between(random, 5_000, 40_000);
  const processes = between(random, 1, 3);
  const partitions = between(random, 1, 3);
  const troubles = Array.from({ length: between(random, 0, 8) }, () => drawTrouble(random, activeMs, processes));
  const retention: Trouble[] = random.chance(0.04)
    ? [{ kind: 'retention', atMs: between(random, 1_000, activeMs), partition: between(random, 0, partitions - 1) }]
    : [];
  return {
    seed,
    partitions,
    processes,
    activeMs,
    commitRecords: between(random, 1, 12),
    recordsPerFetch: between(random, 1, 20),
    records: drawRecords(random, startMs, activeMs),
    troubles: [...troubles, ...retention],
    weather: drawWeather(random),
  };
}
