import { createSeededRandom, type SeededRandom } from '@vigil/testing';
import type { RunInput, RunPlan } from '@vigil/workflows';
import { checkPromptness, checkRuns } from './check-runs.ts';
import { checkStages } from './check-stages.ts';
import type { RunTrace } from './describe-step.ts';
import { childPlan, drawPlan, mendPlan } from './draw-plan.ts';
import { beginFleet } from './run-fleet.ts';
import type { RunViolation } from './run-violation.ts';
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
/** Within it the stages of continuous runs come up again. */
const recoveryMs = 300_000;
/** Leases, graces, retries and waits come to their end within it. */
const patienceMs = 1_800_000;

const orders = ['pause', 'resume', 'cancel', 'rerun', 'move', 'pause', 'resume', 'rerun'] as const;

function command({ random, database }: RunWorld, runId: string): void {
  const kind = random.pick<(typeof orders)[number]>(orders);
  const by = { atMs: database.now(), by: 'ada', reason: 'asked' };
  const run = database.runs.get(runId);
  const version = (run && database.mendedOf(run)?.version) ?? run?.plan.version ?? 1;
  const input = (): RunInput => {
    if (kind === 'move') return { kind, version, ...by };
    return kind === 'rerun' ? { kind, task: 'a', ...by } : { kind, ...by };
  };
  database.step(runId, input());
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

/** Continuous runs are looked at once they had time to recover, and then ended by hand. */
function endStages(world: RunWorld): readonly RunViolation[] {
  const { database, scheduler } = world;
  const going = [...database.runs.values()].filter(({ plan }) => plan.continuous);
  if (going.length === 0) return [];
  scheduler.runUntil(scheduler.now() + recoveryMs, () => database.problems.length > 0);
  const found = checkStages(world);
  for (const { runId, state } of going) {
    if (state?.endedAtMs === null) database.step(runId, { kind: 'cancel', atMs: database.now(), by: 'ada', reason: 'enough' });
  }
  return found;
}

function drawVersions(random: SeededRandom): RunPlan[] {
  const versions = [drawPlan(random)];
  const [first] = versions;
  // A stage that fails is tried for ever: of a continuous run nothing is mended.
  while (first && !first.continuous && versions.length < 3 && random.chance(0.5)) {
    versions.push(mendPlan(random, versions.at(-1) as RunPlan));
  }
  return versions;
}

interface Weather {
  readonly isCalm: boolean;
  readonly deadliness: number;
  readonly repeats: number;
}

function drawWeather(random: SeededRandom): Weather {
  const isCalm = random.chance(0.2);
  return { isCalm, deadliness: isCalm ? 0 : random.pick([0.005, 0.02, 0.05]), repeats: random.pick([0, 0.1]) };
}

/** A world with two runs of a drawn plan, and whoever may die in it. */
function createSeedWorld(seed: number, variation: Variation, trace?: RunTrace) {
  const random = createSeededRandom(Math.imul(seed, 0x9e3779b1) ^ 0x5eed);
  const versions = drawVersions(random);
  const { isCalm, deadliness, repeats } = drawWeather(random);
  const scheduler = createScheduler((process, waitedMs) => {
    if (scheduler.now() > activeMs || process === 'brokers' || process === 'person') return 'live';
    if (!random.chance(waitedMs > midWorkMs ? deadliness / 50 : deadliness)) return 'live';
    return random.pick(['die-before', 'die-after', 'stand-still']);
  }, trace);
  const names = [...new Set(versions.flatMap(({ tasks }) => tasks.map(({ name }) => name)))];
  const failing = new Map(names.map((name) => [name, random.pick([0, 0, 0, 1, 2, 4])]));
  const held = new Set(names.filter(() => random.chance(0.15)));
  const world = createRunWorld({
    scheduler,
    random,
    variation,
    versions,
    planOf: () => childPlan,
    isRepeated: () => random.chance(repeats),
    workMs: () => random.pick([100, 800, 3000, 9000, 20_000]),
    // What was mended does not fail again.
    failures: (task, runId) => ((world.database.runs.get(runId)?.plan.version ?? 1) > 1 ? 0 : (failing.get(task) ?? 0)),
    isHeld: (task) => held.has(task),
    answer: () => random.pick(['approved', null, null, 'declined', 'approved', 'approved']),
  });
  const mortal = beginFleet(world);
  planTroubles(world, isCalm ? [] : mortal);
  for (const runId of ['run-0', 'run-1']) world.database.request(runId, versions[0] as RunPlan);
  return { world, isCalm };
}

/** Two runs of a drawn plan beside each other, crashes at any wait, everything else that goes wrong, and what came of it. */
export function playRunSeed(seed: number, variation: Variation = asMeant, trace?: RunTrace): RunSeedResult {
  const { world, isCalm } = createSeedWorld(seed, variation, trace);
  const { database, scheduler } = world;
  const { runs, outbox, problems } = database;
  scheduler.runUntil(activeMs, () => false);
  resumeAll(world);
  const stages = endStages(world);
  const isDone = (): boolean => [...runs.values()].every(database.isOver) && outbox.length === 0;
  scheduler.runUntil(scheduler.now() + patienceMs, () => isDone() || problems.length > 0);
  // What is still on its way says nothing new, and must not be taken for news.
  scheduler.runUntil(scheduler.now() + 16_000, () => false);
  return { seed, violations: [...stages, ...checkRuns(world), ...(isCalm ? checkPromptness(world) : [])], steps: scheduler.pieces() };
}
