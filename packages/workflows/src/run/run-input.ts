import type { StageHealth, TaskError, TaskResult } from './run-state.ts';

/** Which attempt is meant; an epoch that is not the part's present one makes the input stale. */
export interface AttemptRef {
  readonly task: string;
  readonly part: number;
  readonly epoch: number;
}

/** What a person or program did, for the history. */
export interface By {
  readonly by: string;
  readonly reason: string;
}

export type TimerKey =
  | { readonly kind: 'retry'; readonly task: string; readonly part: number; readonly epoch: number }
  | { readonly kind: 'timeout'; readonly task: string; readonly part: number; readonly epoch: number }
  | { readonly kind: 'wait'; readonly task: string }
  | { readonly kind: 'approval'; readonly task: string }
  | { readonly kind: 'run' };

/** Everything that can happen to a run. The reducer has no clock: each input says when it was taken in (database time). */
export type RunInput = { readonly atMs: number } & (
  | {
      readonly kind: 'requested';
      readonly runId: string;
      readonly batchId: string;
      readonly parameters: Readonly<Record<string, unknown>>;
    }
  | ({ readonly kind: 'started'; readonly attempt: number; readonly worker: string } & AttemptRef)
  | ({ readonly kind: 'progressed'; readonly counts: Readonly<Record<string, number>>; readonly health: StageHealth | null } & AttemptRef)
  | ({ readonly kind: 'succeeded'; readonly result: TaskResult } & AttemptRef)
  | ({ readonly kind: 'failed'; readonly error: TaskError } & AttemptRef)
  | ({ readonly kind: 'stopped' } & AttemptRef)
  /** Its lease ended without a heartbeat, or its worker left: the attempt counts as dead, not as failed. */
  | ({ readonly kind: 'lost' } & AttemptRef)
  | { readonly kind: 'timer'; readonly timer: TimerKey }
  | ({ readonly kind: 'approved'; readonly task: string } & By)
  | ({ readonly kind: 'declined'; readonly task: string } & By)
  | {
      readonly kind: 'child-ended';
      readonly task: string;
      readonly part: number;
      readonly childRunId: string;
      readonly status: 'succeeded' | 'failed' | 'cancelled';
      readonly result: TaskResult | null;
    }
  | ({ readonly kind: 'pause' } & By)
  | ({ readonly kind: 'resume' } & By)
  | ({ readonly kind: 'cancel' } & By)
  /** Runs `task` and all behind it again; of a run that has ended or stands. */
  | ({ readonly kind: 'rerun'; readonly task: string } & By)
  /** Fix and resume: goes on under the plan that `decide` is given with it, from what did not succeed. */
  | ({ readonly kind: 'move'; readonly version: number } & By)
);
