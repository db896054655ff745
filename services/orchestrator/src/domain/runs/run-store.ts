// Runs, as they are asked for and changed. Adapters stand behind this; `Tx` is a transaction of the database, which only they look into.
import type { Ignored, RunInput, RunStatus } from '@vigil/workflows';

export type RunTrigger = 'cron' | 'interval' | 'continuous' | 'event' | 'file' | 'upstream' | 'manual' | 'api' | 'backfill' | 'workflow';

/** Status of a run as it is stored: `waiting` = queued behind another run of its schedule, or for the workflows it needs; its first step is not taken yet. */
export type StoredRunStatus = RunStatus | 'waiting';

type WithoutTime<Input> = Input extends unknown ? Omit<Input, 'atMs'> : never;

/** What happened; the store says when (database clock), in the transaction that takes it in. */
export type UntimedInput = WithoutTime<RunInput>;

/** A run to begin. */
export interface NewRun {
  /** UUID, made by who asks: asking again with it gives the same run. */
  readonly runId: string;
  readonly workflow: string;
  /** Null = the version in force. */
  readonly version: number | null;
  readonly trigger: RunTrigger;
  readonly triggerDetail?: Readonly<Record<string, unknown>>;
  readonly scheduleId?: string | null;
  readonly scheduledForMs?: number | null;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly parent?: { readonly runId: string; readonly task: string; readonly part: number } | null;
  /** Unique over all runs: who asks twice gets the first run. */
  readonly idempotencyKey?: string | null;
  readonly requestedBy: string;
  /** 0 to 9; null or absent = that of the definition. */
  readonly priority?: number | null;
  /** `waiting`: behind another run of its schedule, until `begin`. */
  readonly begins?: 'at-once' | 'waiting';
}

export interface RequestedRun {
  /** Of an idempotency key that was used before: the first run. */
  readonly runId: string;
  readonly outcome: 'created' | 'exists';
}

/** One thing that happened to one run. */
export interface StepInput {
  readonly runId: string;
  /** Told twice, counted once; null = nobody tells it twice, or twice does no harm. */
  readonly messageId: string | null;
  readonly input: UntimedInput;
}

/** What became of an input, in the order of the inputs. */
export type StepResult =
  | { readonly outcome: 'applied'; readonly seq: number; readonly status: RunStatus }
  /** Kept in the history, changed nothing. */
  | { readonly outcome: 'ignored'; readonly seq: number; readonly status: RunStatus; readonly why: Ignored }
  | { readonly outcome: 'duplicate' }
  | { readonly outcome: 'unknown-run' };

/** Runs, changed by steps only. Every method is one transaction; those that end in `In` share the caller's. */
export interface RunStore<Tx = unknown> {
  /**
   * Begins runs: their row and their first step.
   *
   * @throws VigilError WORKFLOW_UNKNOWN where there is no such workflow or version
   */
  request(runs: readonly NewRun[]): Promise<readonly RequestedRun[]>;
  /** As `request`; call `settle` after the commit, so that work goes out at once. */
  requestIn(transaction: Tx, runs: readonly NewRun[]): Promise<readonly RequestedRun[]>;
  /** First step of runs that were `waiting`; others are left as they are. */
  beginIn(transaction: Tx, runIds: readonly string[]): Promise<void>;
  step(inputs: readonly StepInput[]): Promise<readonly StepResult[]>;
  stepIn(transaction: Tx, inputs: readonly StepInput[]): Promise<readonly StepResult[]>;
  /** After the commit of a transaction that used an `…In` method: dispatches and publishes what it left. Never throws. */
  settle(): void;
}
