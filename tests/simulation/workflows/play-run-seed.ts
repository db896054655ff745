import { createSeededRandom } from '@vigil/testing';
import type { RunInput } from '@vigil/workflows';
import { checkPromptness, checkRuns, type RunViolation } from './check-runs.ts';
import { childPlan, drawPlan } from './draw-plan.ts';
import { beginFleet } from './run-fleet.ts';
import { createRunWorld, type RunWorld } from './run-world.ts';
import { createScheduler, type SimProcess } from './sim-scheduler.ts';
import { asMeant, type Variation } from './variation.ts';

export interface RunSeedResult {
  readonly seed: number;
  readonly violations: readonly RunViolation[];
  /** Pieces of work between two waits. */
  readonly steps: number;
}

const activeMs = 60_000;
const midWorkMs = 25;
/** Leases, graces, retries and waits come to their end within it. */
const patienceMs = 1_800_000;

function command(world: RunWorld, runId: string): void {
  const { random } = world;
  const kind = random.pick<'pause' | 'resume' | 'cancel' | 'rerun'>(['pause', 'resume', 'cancel', 'rerun', 'pause', 'resume', 'rerun']);
  const by = { atMs: world.database.now(), by: 'ada', reason: 'asked' };
  const input: RunInput = kind === 'rerun' ? { kind, task: 'a', ...by } : { kind, ...by };
  world.database.step(runId, input);
}

/** Pauses beyond lease and session, clocks that jump, and what people do, at times drawn beforehand. */
function planTroubles(world: RunWorld, mortal: readonly SimProcess[]): void {
  const { scheduler, database, random } = world;
  const later = (chance: number, act: () => void): void => {
    if (random.chance(chance)) scheduler.at(random.next() * activeMs, act);
  };
  for (let times = 0; times < 4; times++) later(0.3, () => command(world, random.pick(['run-0', 'run-1'])));
  if (mortal.length === 0) return;
  for (const process of mortal) {
    for (let times = 0; times < 2; times++)
      later(0.4, () => void (process.pausedUntilMs = scheduler.now() + 3000 + random.next() * 30_000));
  }
  later(0.3, () => database.jump(random.next() * 60_000));
  later(0.3, () => database.jump(-random.next() * 30_000));
}

/** Once the faults are over nobody keeps a run paused. */
function resumeAll({ database }: RunWorld): void {
  for (const { runId, state } of database.runs.values()) {
    if (state?.status === 'paused') database.step(runId, { kind: 'resume', atMs: database.now(), by: 'ada', reason: 'go on' });
  }
}

/** Two runs of a drawn plan beside each other, crashes at any wait, everything else that goes wrong, and what came of it. */
export function playRunSeed(seed: number, variation: Variation = asMeant): RunSeedResult {
  const random = createSeededRandom(Math.imul(seed, 0x9e3779b1) ^ 0x5eed);
  const plan = drawPlan(random);
  const isCalm = random.chance(0.2);
  const deadliness = isCalm ? 0 : random.pick([0.005, 0.02, 0.05]);
  const repeats = random.pick([0, 0.1]);
  const scheduler = createScheduler((process, waitedMs) => {
    if (scheduler.now() > activeMs || process === 'brokers' || process === 'person') return 'live';
    if (!random.chance(waitedMs > midWorkMs ? deadliness / 50 : deadliness)) return 'live';
    return random.pick(['die-before', 'die-after', 'stand-still']);
  });
  const failing = new Map(plan.tasks.map(({ name }) => [name, random.pick([0, 0, 0, 1, 2, 4])]));
  const world = createRunWorld({
    scheduler,
    random,
    variation,
    planOf: () => childPlan,
    isRepeated: () => random.chance(repeats),
    workMs: () => random.pick([100, 800, 3000, 9000, 20_000]),
    failures: (task) => failing.get(task) ?? 0,
  });
  const mortal = beginFleet(world);
  planTroubles(world, isCalm ? [] : mortal);
  for (const runId of ['run-0', 'run-1']) world.database.request(runId, plan);
  const { runs, outbox, problems } = world.database;
  scheduler.runUntil(activeMs, () => false);
  resumeAll(world);
  const isDone = (): boolean => [...runs.values()].every(({ state }) => state?.endedAtMs !== null) && outbox.length === 0;
  scheduler.runUntil(activeMs + patienceMs, () => isDone() || problems.length > 0);
  // What is still on its way says nothing new, and must not be taken for news.
  scheduler.runUntil(scheduler.now() + 16_000, () => false);
  return { seed, violations: [...checkRuns(world), ...(isCalm ? checkPromptness(world) : [])], steps: scheduler.pieces() };
}
