import type { RunTrace } from './describe-step.ts';
import { killEveryStep } from './kill-every-step.ts';
import { playRunSeed } from './play-run-seed.ts';
import { runMutants } from './run-mutants.ts';
import { shapes } from './shapes.ts';
import { asMeant } from './variation.ts';

export interface WorkflowSimulation {
  /** Null = many. */
  readonly seed: number | null;
  readonly from: number;
  readonly seeds: number;
  readonly mutants: boolean;
}

export interface Simulated {
  readonly document: { readonly name: string } & Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly isGood: boolean;
}

type Tell = (line: string) => void;

const secondsSince = (startedMs: number): number => Math.round((performance.now() - startedMs) / 100) / 10;

function findMutants({ from, seeds }: WorkflowSimulation, tell: Tell): Simulated {
  const startedMs = performance.now();
  const mutants = runMutants.map(({ name, harm, variation }) => {
    for (let seed = from; seed < from + seeds; seed++) {
      const [violation] = playRunSeed(seed, variation).violations;
      if (!violation) continue;
      tell(`${name}: found after ${seed - from + 1} seeds (${violation.invariant})`);
      return { name, harm, seeds: seed - from + 1, violation: { seed, ...violation } };
    }
    tell(`${name}: NOT FOUND`);
    return { name, harm, seeds: null, violation: null };
  });
  const missed = mutants.filter(({ seeds }) => seeds === null).length;
  return {
    document: { name: 'simulate-workflows-mutants', from, seeds, mutants, missed, seconds: secondsSince(startedMs) },
    text: `${mutants.length - missed} of ${mutants.length} mutants found`,
    isGood: missed === 0,
  };
}

function playMany({ from, seeds }: WorkflowSimulation, tell: Tell): Simulated {
  const startedMs = performance.now();
  const violations = Array.from({ length: seeds }, (_, at) => playRunSeed(from + at)).flatMap(({ seed, violations }) =>
    violations.map((violation) => ({ seed, ...violation })),
  );
  for (const { seed, invariant, detail } of violations) tell(`seed ${seed}: ${invariant}: ${detail}`);
  const killed = shapes.map((shape) => ({ shape: shape.name, ...killEveryStep(shape) }));
  for (const { shape, violations } of killed) {
    for (const { kill, invariant, detail } of violations) tell(`${shape}, ${kill.fate} ${kill.piece}: ${invariant}: ${detail}`);
  }
  const kills = killed.reduce((sum, shape) => sum + shape.kills, 0);
  const isGood = violations.length === 0 && killed.every((shape) => shape.violations.length === 0);
  const seconds = secondsSince(startedMs);
  return {
    document: { name: 'simulate-workflows', from, seeds, violations, kills: killed, seconds },
    text: `${seeds} seeds from ${from} and ${kills} kills in ${seconds} s: ${isGood ? 'every invariant holds' : 'NOT every invariant holds'}`,
    isGood,
  };
}

/**
 * Runs of workflows under everything that can go wrong: seeds and the kills of every shape, one seed, or the deliberate bugs.
 *
 * @param trace  told of all that happens in the one seed
 */
export function simulateWorkflows(asked: WorkflowSimulation, tell: Tell, trace?: RunTrace): Simulated {
  if (asked.mutants) return findMutants(asked, tell);
  if (asked.seed === null) return playMany(asked, tell);
  const played = playRunSeed(asked.seed, asMeant, trace);
  const lines = played.violations.map(({ invariant, detail }) => `seed ${played.seed}: ${invariant}: ${detail}`);
  return {
    document: { name: 'simulate-workflows', ...played },
    text: lines.length > 0 ? lines.join('\n') : `seed ${played.seed}: every invariant holds, ${played.steps} steps`,
    isGood: lines.length === 0,
  };
}
