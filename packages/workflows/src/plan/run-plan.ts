import type { ErrorKind } from '@vigil/core';
import type { TaskDefinition } from '@vigil/definitions';

/** When and how often an attempt that failed is made again. */
export interface RetryPolicy {
  /** Attempts after the first. */
  readonly attempts: number;
  readonly delayMs: number;
  readonly backoff: 'fixed' | 'exponential';
  /** No wait is longer, jitter included. */
  readonly maxDelayMs: number;
  /** Share of the delay, 0 to 1, that a hash of run, task, part and attempt takes off: reproducible. */
  readonly jitter: number;
  /** Classes of failure that are tried again; others fail at once. */
  readonly classes: readonly ErrorKind[];
}

/** What an attempt takes of its pool. */
export interface TaskWeight {
  readonly slots: number;
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly io: number;
}

/** What becomes of the data of a task that failed for good. */
export type FallbackAction = 'quarantine_data' | 'manual_review_queue';

/** `fail`: the run fails; `continue`: tasks behind it run as if it had succeeded without a result; `skip`: tasks behind it are skipped. */
export type OnFailure = 'fail' | 'continue' | 'skip';

/** How a task is fanned out; the parts are independent attempts with retries of their own. */
export type FanOut =
  /** `count` parts, keyed "0" … */
  | { readonly over: 'count'; readonly count: number }
  /** One part for each of these. */
  | { readonly over: 'values'; readonly values: readonly string[] }
  /** One part for each string of the list `field` in the values of the result of `task`. */
  | { readonly over: 'result'; readonly task: string; readonly field: string };

/** A condition on what came before: `task.counts.written > 0`, `task.status == 'succeeded'`, `parameters.full == true`. */
export interface Condition {
  /** Path: the name of a task it depends on, or `parameters`, then fields. */
  readonly left: readonly string[];
  readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>=';
  readonly right: string | number | boolean;
}

/** A task of a definition with every default filled in. */
export interface PlannedTask {
  readonly name: string;
  readonly type: TaskDefinition['type'];
  /** Null: no worker runs it (workflow, approval, wait). */
  readonly pool: string | null;
  readonly dependsOn: readonly string[];
  /** All must hold, else the task is skipped. */
  readonly when: readonly Condition[];
  readonly retry: RetryPolicy;
  /** Of one attempt; null = none. */
  readonly timeoutMs: number | null;
  readonly fanOut: FanOut | null;
  readonly weight: TaskWeight;
  readonly fallback: FallbackAction | null;
  readonly onFailure: OnFailure;
  /** The task as written, for its executor. */
  readonly spec: TaskDefinition;
}

/** A definition as the reducer runs it: tasks in an order in which each stands behind what it depends on. */
export interface RunPlan {
  readonly workflow: string;
  readonly version: number;
  readonly sha256: string;
  readonly tasks: readonly PlannedTask[];
  /** A continuous workflow is one run that does not end by itself: its tasks tell their health. */
  readonly continuous: boolean;
  /** Of the whole run; null = none. */
  readonly timeoutMs: number | null;
  /** 0 to 9; higher goes first, and waiting raises it. */
  readonly priority: number;
  /** Workflows that a run waits for before its first step; the store sees to it. Absent = none. */
  readonly needs?: readonly string[];
}
