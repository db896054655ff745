import type { SortedEffects } from '../../domain/runs/sort-effects.ts';
import type { RunSteps } from '../../domain/runs/take-steps.ts';
import type { TaskChange } from '../../domain/runs/task-change.ts';
import type { RunRow } from './run-rows.ts';

/** What steps did to a run, sorted by what is to be written. */
export interface SortedRun extends RunSteps {
  readonly row: RunRow;
  readonly sorted: SortedEffects;
  readonly changes: readonly TaskChange[];
}
