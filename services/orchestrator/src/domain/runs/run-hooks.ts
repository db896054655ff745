// What other rooms of the orchestrator do in the transaction of a step, and what they are told there.
import type { FallbackAction, RunInput, RunPlan, RunState, RunStatus, Step, TaskError, TaskResult } from '@vigil/workflows';
import type { RunTrigger } from './run-store.ts';

/** A run that has come to its end. */
export interface EndedRun {
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  readonly scheduleId: string | null;
  readonly scheduledForMs: number | null;
  readonly trigger: RunTrigger;
  readonly status: Extract<RunStatus, 'succeeded' | 'failed' | 'cancelled'>;
  readonly result: TaskResult;
}

/** A task whose data goes to its fallback. */
export interface FallenTask {
  readonly runId: string;
  readonly workflow: string;
  readonly batchId: string;
  readonly task: string;
  readonly action: FallbackAction;
  readonly error: TaskError;
}

/** A step that was taken, for those who tell others about it. */
export interface TakenStep {
  readonly plan: RunPlan;
  readonly input: RunInput;
  readonly before: RunState | null;
  readonly step: Step;
}

/** A step as others are told of it. */
export interface ToldStep extends TakenStep {
  /** When its schedule meant the run for; null = no schedule began it. */
  readonly scheduledForMs: number | null;
}

/** A message for a topic, published after the commit. */
export interface OutboxMessage {
  readonly topic: string;
  readonly key: string;
  readonly value: unknown;
}

/** What other rooms do in the transaction of a step. */
export interface RunHooks<Tx = unknown> {
  /**
   * Runs that ended in this step, none twice: starts what waited behind them or is triggered by them. May call
   * `requestIn` and `beginIn`, nothing that locks a run which already stands.
   */
  readonly ended?: (transaction: Tx, runs: readonly EndedRun[]) => Promise<void>;
  /** Tasks that failed for good in this step and have a fallback: their data goes to quarantine or to people. */
  readonly fellBack?: (transaction: Tx, tasks: readonly FallenTask[]) => Promise<void>;
  /** Messages to publish because of steps: lineage. Pure. */
  readonly tell?: (steps: readonly ToldStep[]) => readonly OutboxMessage[];
}
