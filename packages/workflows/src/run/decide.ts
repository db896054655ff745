import type { RunPlan } from '../plan/run-plan.ts';
import type { RunEffect } from './run-effect.ts';
import type { RunInput } from './run-input.ts';
import type { RunState } from './run-state.ts';

/** Why an input changed nothing: the history keeps it, nobody is told an error. */
export type Ignored = 'stale-epoch' | 'no-such-task' | 'not-now' | 'run-has-ended';

export interface Step {
  readonly state: RunState;
  /** In the order in which they were decided. */
  readonly effects: readonly RunEffect[];
  /** Null = the input counted. */
  readonly ignored: Ignored | null;
}

/**
 * One step of a run: pure and total. The same plan, state and input give the same step in every later version of this
 * program, or the golden histories in `golden/` fail.
 *
 * @param state  null before `requested`
 */
export type Decide = (plan: RunPlan, state: RunState | null, input: RunInput) => Step;
