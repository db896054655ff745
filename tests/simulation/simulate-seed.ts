import type { Violation } from './checks/violation.ts';
import { playOf } from './plays/plays.ts';
import { drawScenario } from './scenario.ts';
import { createSender, openWorld, type SimWorld, type Trace } from './sim-world.ts';
import { strike } from './strike.ts';
import type { SimClock } from './world/sim-clock.ts';

export interface SeedResult {
  readonly seed: number;
  /** Which stage was played. */
  readonly play: string;
  readonly violations: readonly Violation[];
  /** Steps that the schedule took. */
  readonly steps: number;
}

const startMs = Date.UTC(2024, 2, 15, 10);
/** What is idle closes, time-outs end, and retries come to their end within it. */
const quietMs = 90_000;
const patienceMs = 240_000;
const mostSteps = 400_000;

const macrotask = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Everything that waits for nothing but the processor has run. */
async function runUntil(clock: SimClock, untilMs: number): Promise<number> {
  let steps = 0;
  await macrotask();
  while (clock.runNext(untilMs)) {
    await macrotask();
    if (++steps > mostSteps) throw new Error('the schedule does not come to an end');
  }
  return steps;
}

function begin(world: SimWorld): void {
  const { clock, scenario } = world;
  const send = createSender(world);
  const requeueRead = new Map<string, number>();
  for (const planned of scenario.records) clock.after(planned.atMs, () => void send(planned));
  for (const trouble of scenario.troubles) clock.after(trouble.atMs, () => strike(world, trouble, requeueRead));
}

/** What ends a process and is no fault of the engine: limits that were set to be met, and records that retention took. */
function checkEnded({ fleet, scenario }: SimWorld): readonly Violation[] {
  const allowed = new Set<string>([
    ...(scenario.quarantine ? ['QUARANTINE_LIMIT'] : []),
    ...(scenario.troubles.some(({ kind }) => kind === 'retention') ? ['OFFSET_OUT_OF_RANGE'] : []),
  ]);
  const codes = new Set(fleet.failures.filter((code) => !allowed.has(code)));
  return [...codes].map((detail) => ({ invariant: 'ended', detail }));
}

const judge = async (world: SimWorld): Promise<readonly Violation[]> => [...checkEnded(world), ...(await world.open.check(world))];

/** Plays the schedule of one seed and holds what came of it against what must have come of it. */
export async function simulateSeed(seed: number, trace: Trace = () => undefined): Promise<SeedResult> {
  const play = playOf(seed);
  const scenario = drawScenario(seed, startMs, play);
  const world = openWorld(scenario, startMs, trace);
  begin(world);
  const endMs = startMs + scenario.activeMs;
  let steps = await runUntil(world.clock, endMs);
  world.network.calmDown();
  world.open.calmDown();
  let violations: readonly Violation[] = [];
  let hasSettled = false;
  for (let untilMs = quietMs; untilMs <= patienceMs; untilMs += quietMs / 3) {
    steps += await runUntil(world.clock, endMs + untilMs);
    violations = await judge(world);
    if (violations.some(({ invariant }) => invariant === 'drained')) continue;
    // What was drained this moment may have windows that close only when they are idle: they get the time once.
    if (violations.length === 0 || hasSettled) break;
    hasSettled = true;
  }
  return { seed, play: play.name, violations, steps };
}
