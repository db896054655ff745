import type { ErrorKind } from '@vigil/core';

export type RunStatus = 'running' | 'paused' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled';

/**
 * - `waiting`    for tasks it depends on
 * - `active`     its parts are queued, running or waiting for their next attempt
 * - `held`       for a person: an approval, a score below its limit
 * - `succeeded`, `failed`, `skipped`, `cancelled`  ended
 * - `fell-back`  failed for good, its data went to the fallback
 */
export type TaskStatus = 'waiting' | 'active' | 'held' | 'succeeded' | 'failed' | 'fell-back' | 'skipped' | 'cancelled';

/**
 * - `queued`      asked for; the dispatcher gives it a slot
 * - `running`     a worker said that it started
 * - `backing-off` a timer starts the next attempt
 * - `stopping`    its worker was told to stop
 */
export type PartStatus = 'queued' | 'running' | 'backing-off' | 'stopping' | 'succeeded' | 'failed' | 'cancelled';

/** What a task gave: its counts, and values that later tasks and people read. At most 64 KiB, else `ref`. */
export interface TaskResult {
  /** Records by disposition, rows by table, files. */
  readonly counts: Readonly<Record<string, number>>;
  /** JSON values by name. `hold`, one sentence of a worker: a person decides before anything builds on the result. */
  readonly values: Readonly<Record<string, unknown>>;
  /** `orchestration.payload` that holds the values; null = they are here. */
  readonly ref: string | null;
}

export interface TaskError {
  /** Code of the error catalogue, or UNKNOWN. */
  readonly code: string;
  readonly kind: ErrorKind;
  /** One sentence without patient data. */
  readonly detail: string;
}

export type StageHealth = 'ok' | 'behind' | 'stalled' | 'stopped' | 'imbalance';

export interface PartState {
  readonly part: number;
  readonly partKey: string;
  readonly status: PartStatus;
  /** From 1. */
  readonly attempt: number;
  /** Of the last request; grows with each one, over attempts and re-runs. */
  readonly epoch: number;
  readonly worker: string | null;
  readonly result: TaskResult | null;
  readonly error: TaskError | null;
  readonly health: StageHealth | null;
  /** Run started by a `workflow` task. */
  readonly childRunId: string | null;
  /** How often this attempt's worker was lost so far; too often in a row and the part fails. */
  readonly losses: number;
  /** When the next attempt is due, while `backing-off`; null there = it is due and waits for the run to resume. */
  readonly retryAtMs: number | null;
}

export interface TaskState {
  readonly status: TaskStatus;
  /** Empty until the task is due. */
  readonly parts: readonly PartState[];
  /** Of the whole task: counts of its parts added up. */
  readonly result: TaskResult | null;
  /** Of what failed here; of a skipped task: of what failed before it (null where only a condition did not hold). */
  readonly error: TaskError | null;
  /** Why it was skipped, held or cancelled; one sentence. Null elsewhere. */
  readonly reason: string | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** Of the task as it was when it became due: a run that moves to another version keeps what is the same. Null before. */
  readonly fingerprint: string | null;
}

/** Everything that the reducer knows of a run; JSON, at most a few hundred bytes a part. */
export interface RunState {
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  /** Value of `vigil-batch-id` of all that the run starts. */
  readonly batchId: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly status: RunStatus;
  readonly tasks: Readonly<Record<string, TaskState>>;
  /** Of the last input that changed anything. */
  readonly changedAtMs: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  /** Why it ended or stands still. */
  readonly reason: string | null;
  /** How a run that is `cancelling` ends: a run that took too long fails. Null elsewhere. */
  readonly ending: 'cancelled' | 'failed' | null;
  /** When the whole run times out; null = never. */
  readonly deadlineAtMs: number | null;
  /** No part that is made from now on gets an epoch as low as this: parts of earlier lives had them. */
  readonly epochFloor: number;
}
