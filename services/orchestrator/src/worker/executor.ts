import type { TaskRequested } from '@vigil/contracts';
import type { TaskDefinition } from '@vigil/definitions';
import type { StageHealth, TaskResult } from '@vigil/workflows';

/** One attempt of one part of a task, as its executor sees it. */
export interface TaskExecution {
  /** What was asked for: run, part, attempt, epoch, batch id, idempotency key. */
  readonly request: TaskRequested;
  /** The task as written in the definition, parameters of the run filled in. */
  readonly spec: TaskDefinition;
  /** Results of the tasks it depends on, by name; null = it has none (skipped, or failed with `on_failure: continue`). */
  readonly input: Readonly<Record<string, TaskResult | null>>;
  /**
   * Aborted when the attempt is to stop: cancelled, out of time, its worker is leaving, or its lease is lost. Whatever is
   * not committed by then stays undone; `run` rejects (with `signal.reason`, or anything) as soon as it can.
   */
  readonly signal: AbortSignal;
  /** Tells what was done so far, at most once a second of it is sent on. @param health  of a stage of a continuous workflow */
  readonly progress: (counts: Readonly<Record<string, number>>, health?: StageHealth) => void;
  /** One sentence for `vigil workflows logs`, without patient data. */
  readonly log: (sentence: string) => void;
}

/**
 * Runs tasks of one kind. An attempt may be repeated at any time, also while an earlier one that nobody hears of any more
 * still runs: what it changes is fenced by `request.epoch`, what it sends out carries `request.idempotencyKey`.
 */
export interface Executor {
  /** An attempt elsewhere goes on where this one stands, and nothing is lost: a worker that leaves hands it back at once. */
  readonly isResumable?: true;
  /**
   * @returns counts and values of the task; values that make it larger than 64 KiB are kept in the database by the worker
   * @throws VigilError, classified by `classifyError`; its message is told to people, so it carries no patient data
   */
  run(execution: TaskExecution): Promise<TaskResult>;
}

/** A task that wants its executor: which one it is follows from type, function, source and destination, and the workflow. */
export interface TaskToRun {
  readonly workflow: string;
  readonly spec: TaskDefinition;
}

/** The executor of a task among those of one kind; undefined = none of these. */
export type FindExecutor = (task: TaskToRun) => Executor | undefined;
