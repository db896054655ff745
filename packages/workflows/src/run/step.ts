import type { RunEffect } from './run-effect.ts';
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
