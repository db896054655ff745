import type { FallbackAction } from '../plan/run-plan.ts';
import type { AttemptRef, TimerKey } from './run-input.ts';
import type { RunStatus, TaskError, TaskResult } from './run-state.ts';

/** What is to be done because of a step; written in its transaction, carried out after it, each once. */
export type RunEffect =
  /** Ask the dispatcher for a slot. */
  | ({
      readonly kind: 'enqueue';
      readonly partKey: string;
      readonly attempt: number;
      /** Results of the tasks it depends on, by name. */
      readonly input: Readonly<Record<string, TaskResult | null>>;
    } & AttemptRef)
  /**
   * Tell its worker to stop, who answers `stopped`. An attempt that no worker was asked for yet is taken out of the queue,
   * and whoever does so gives the run the input `stopped` in its place,
   * after all other effects of this step.
   */
  | ({ readonly kind: 'withdraw' } & AttemptRef)
  | { readonly kind: 'set-timer'; readonly timer: TimerKey; readonly atMs: number }
  | { readonly kind: 'clear-timer'; readonly timer: TimerKey }
  /** The same id for the same attempt: a run that is there already is not started again. A part's key is the parameter `part_key`. */
  | {
      readonly kind: 'start-run';
      readonly task: string;
      readonly part: number;
      readonly childRunId: string;
      readonly workflow: string;
      readonly parameters: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'cancel-run'; readonly childRunId: string }
  | { readonly kind: 'ask-approval'; readonly task: string; readonly message: string; readonly approvers: readonly string[] }
  | { readonly kind: 'withdraw-approval'; readonly task: string }
  | { readonly kind: 'fall-back'; readonly task: string; readonly action: FallbackAction; readonly error: TaskError }
  | { readonly kind: 'run-ended'; readonly status: Extract<RunStatus, 'succeeded' | 'failed' | 'cancelled'>; readonly result: TaskResult };
