import type { RunPlan } from '../plan/run-plan.ts';
import { decide } from './decide.ts';
import type { RunInput } from './run-input.ts';
import type { RunState } from './run-state.ts';

/** An input of a history, under the plan that its step was made with. */
export interface RecordedInput {
  readonly plan: RunPlan;
  readonly input: RunInput;
}

/** The state that a history of a run leads to; null of an empty one. Ignored inputs may be in it or not. */
export function replayRun(history: Iterable<RecordedInput>): RunState | null {
  let state: RunState | null = null;
  for (const { plan, input } of history) ({ state } = decide(plan, state, input));
  return state;
}
