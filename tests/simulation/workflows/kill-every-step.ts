import { createSeededRandom } from '@vigil/testing';
import type { RunPlan } from '@vigil/workflows';
import { checkRuns } from './check-runs.ts';
import { childPlan } from './draw-plan.ts';
import { partName } from './messages.ts';
import { beginFleet } from './run-fleet.ts';
import type { RunViolation } from './run-violation.ts';
import { createRunWorld, type RunWorld } from './run-world.ts';
import { createScheduler, type Strike } from './sim-scheduler.ts';
import { asMeant, type Variation } from './variation.ts';

export interface Shape {
  readonly name: string;
  readonly plan: RunPlan;
  /** The next version, which a person moves the run to when it has failed. */
  readonly mended?: RunPlan;
  /** Attempts that fail before one does not, by task. */
  readonly failures?: Readonly<Record<string, number>>;
  /** How long an attempt of a task works, milliseconds; 1200 where it is not told. */
  readonly workMs?: Readonly<Record<string, number>>;
  /** Tasks whose result a person has to look at. */
  readonly held?: readonly string[];
  /** What a person orders, and when. */
  readonly orders?: readonly { readonly atMs: number; readonly kind: 'cancel' | 'pause' | 'resume' }[];
}

export interface Kill {
  /** Number of the piece of work, from 1, over all processes. */
  readonly piece: number;
  readonly fate: 'die-before' | 'die-after';
}

interface PlayedShape {
  readonly world: RunWorld;
  /** What the runs came to, without epochs and times. */
  readonly outcome: string;
  /** Pieces in which something was done. */
  readonly working: readonly number[];
}

const longestMs = 600_000;
const midWorkMs = 25;
const immortal: ReadonlySet<string> = new Set(['brokers', 'person']);

/** Changes whenever anybody does anything that others can see. */
const traceOf = ({ database, requests, reports, written }: RunWorld): string =>
  JSON.stringify([
    database.outbox.length,
    database.outbox.reduce((sum, { claimedUntilMs }) => sum + claimedUntilMs, 0),
    database.inbox.size,
    [...database.parts.values()].map(({ state }) => state),
    database.timers.size,
    [...requests.committed, ...reports.committed],
    [...requests.partitions, ...reports.partitions].map(({ length }) => length),
    written.length,
  ]);

function outcomeOf({ database, written }: RunWorld, { orders = [] }: Shape): string {
  // What a cancelled run got done before the wish to stop arrived is a matter of milliseconds.
  if (orders.some(({ kind }) => kind === 'cancel')) return JSON.stringify([...database.runs.values()].map(({ state }) => state?.status));
  const runs = [...database.runs.values()].map(({ parent, state }) => ({
    of: parent?.task ?? null,
    status: state?.status,
    tasks: Object.entries(state?.tasks ?? {}).map(([name, { status, result, parts }]) => [
      name,
      status,
      result,
      parts.map((part) => part.status),
    ]),
  }));
  const places = [...new Set(written.map(({ runId, task, part }) => partName({ runId: runId === 'run' ? runId : 'child', task, part })))];
  return JSON.stringify({ runs, places: places.sort() });
}

/** Plays a shape, undisturbed or with one death. */
export function playShape(shape: Shape, kill: Kill | null, variation: Variation = asMeant): PlayedShape {
  const { plan, mended, failures = {}, workMs = {}, held = [], orders = [] } = shape;
  const working: number[] = [];
  let before = '';
  let last = 0;
  const strike: Strike = (process, waitedMs) => {
    if (kill) return scheduler.pieces() === kill.piece ? kill.fate : 'live';
    // Whether the piece before this one did something shows now.
    const after = traceOf(world);
    if (last > 0 && after !== before) working.push(last);
    if (waitedMs > 0 && waitedMs <= midWorkMs) working.push(scheduler.pieces());
    before = after;
    last = immortal.has(process) ? 0 : scheduler.pieces();
    return 'live';
  };
  const scheduler = createScheduler(strike);
  const world = createRunWorld({
    scheduler,
    random: createSeededRandom(7),
    variation,
    versions: mended ? [plan, mended] : [plan],
    planOf: () => childPlan,
    isRepeated: () => false,
    workMs: (task) => workMs[task] ?? 1200,
    failures: (task, runId) => ((world.database.runs.get(runId)?.plan.version ?? 1) > 1 ? 0 : (failures[task] ?? 0)),
    isHeld: (task) => held.includes(task),
    answer: () => 'approved',
  });
  beginFleet(world);
  world.database.request('run', plan);
  for (const { atMs, kind } of orders) {
    scheduler.at(atMs, () => world.database.step('run', { kind, atMs: world.database.now(), by: 'ada', reason: 'asked' }));
  }
  const { runs, outbox, isOver } = world.database;
  scheduler.runUntil(longestMs, () => [...runs.values()].every(isOver) && outbox.length === 0);
  scheduler.runUntil(scheduler.now() + 20_000, () => false);
  return { world, outcome: outcomeOf(world, shape), working: [...new Set(working)] };
}

export interface KilledShape {
  readonly kills: number;
  readonly violations: readonly (RunViolation & { readonly kill: Kill })[];
}

export interface KillOptions {
  readonly variation?: Variation;
  /** Only every so many-th death is played; 1 = all. */
  readonly stride?: number;
}

/** One death before and one after every piece of work of a shape, each in a play of its own: all end as the undisturbed play. */
export function killEveryStep(shape: Shape, { variation = asMeant, stride = 1 }: KillOptions = {}): KilledShape {
  const { outcome, working, world } = playShape(shape, null, variation);
  const all = working.flatMap((piece): Kill[] => [
    { piece, fate: 'die-before' },
    { piece, fate: 'die-after' },
  ]);
  const kills = all.filter((_, at) => at % stride === 0);
  const undisturbed = checkRuns(world).map((violation) => ({ ...violation, kill: { piece: 0, fate: 'die-before' } as Kill }));
  const violations = kills.flatMap((kill) => {
    const played = playShape(shape, kill, variation);
    const found = checkRuns(played.world);
    if (played.outcome !== outcome) found.push({ invariant: 'W7', detail: `${played.outcome} instead of ${outcome}` });
    return found.map((violation) => ({ ...violation, kill }));
  });
  return { kills: kills.length, violations: [...undisturbed, ...violations] };
}
