// What the rooms of the orchestrator ask of each other about runs. Adapters stand behind these; `Tx` is a transaction of
// the database, which only adapters look into.
import type {
  By,
  FallbackAction,
  Ignored,
  RunEffect,
  RunInput,
  RunPlan,
  RunState,
  RunStatus,
  Step,
  TaskError,
  TaskResult,
} from '@vigil/workflows';
import type { Blocked } from './blocked.ts';

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

/** What the API and commands do with runs, beyond `request`. */
export type RunCommand = (
  | { readonly kind: 'pause' | 'resume' | 'cancel' }
  | { readonly kind: 'approved' | 'declined' | 'rerun'; readonly task: string }
  | { readonly kind: 'move'; readonly version: number }
) &
  By;

export interface Deployed {
  readonly workflow: string;
  readonly version: number;
  readonly sha256: string;
  /** `unchanged`: this text was deployed before, as this version, and is in force. */
  readonly outcome: 'created' | 'returned' | 'unchanged';
}

export interface StoredDefinition {
  readonly workflow: string;
  readonly version: number;
  readonly sha256: string;
  readonly text: string;
  readonly plan: RunPlan;
  readonly deployedAtMs: number;
  readonly deployedBy: string;
}

export interface WorkflowSummary {
  readonly workflow: string;
  /** In force. */
  readonly version: number;
  readonly sha256: string;
  readonly enabled: boolean;
  readonly deployedAtMs: number;
  readonly deployedBy: string;
}

/** What other rooms do in the transaction that brings a version into force or switches a workflow. */
export interface DefinitionHooks<Tx = unknown> {
  readonly inForce?: (transaction: Tx, definition: StoredDefinition, by: string) => Promise<void>;
  readonly switched?: (
    transaction: Tx,
    change: { readonly workflow: string; readonly enabled: boolean; readonly by: string },
  ) => Promise<void>;
}

export interface DefinitionStore {
  /**
   * Brings a definition into force: a new version, or the one that this text was before.
   *
   * @throws VigilError of the definition's problems, with line and column
   */
  deploy(text: string, by: string): Promise<Deployed>;
  /** @throws VigilError WORKFLOW_UNKNOWN */
  enable(workflow: string, by: string): Promise<void>;
  /** @throws VigilError WORKFLOW_UNKNOWN */
  disable(workflow: string, by: string): Promise<void>;
  list(): Promise<readonly WorkflowSummary[]>;
  /** @param version  null = in force */
  find(workflow: string, version: number | null): Promise<StoredDefinition | null>;
  /** From memory where it was read before: a version never changes. Null = no such version. */
  planOf(workflow: string, version: number): Promise<RunPlan | null>;
}

export interface RunSummary {
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  readonly batchId: string;
  readonly status: StoredRunStatus;
  readonly priority: number;
  readonly trigger: RunTrigger;
  readonly triggerDetail: Readonly<Record<string, unknown>>;
  readonly scheduleId: string | null;
  readonly scheduledForMs: number | null;
  readonly parentRunId: string | null;
  readonly reason: string | null;
  readonly requestedBy: string;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
}

/** A part of a task; a task that is not due yet is one row with part 0. */
export interface TaskRow {
  readonly task: string;
  readonly part: number;
  readonly partKey: string;
  readonly taskType: string;
  readonly pool: string | null;
  readonly state: StoredTaskState;
  readonly attempt: number;
  readonly epoch: number;
  readonly blocked: Blocked | null;
  readonly queuedAtMs: number | null;
  readonly requestedAtMs: number | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly leaseUntilMs: number | null;
  readonly worker: string | null;
  readonly health: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly result: TaskResult | null;
  readonly error: { readonly code: string; readonly kind: string; readonly detail: string } | null;
  readonly childRunId: string | null;
}

export type StoredTaskState =
  | 'waiting'
  | 'queued'
  | 'requested'
  | 'running'
  | 'backing-off'
  | 'stopping'
  | 'held'
  | 'succeeded'
  | 'failed'
  | 'fell-back'
  | 'skipped'
  | 'cancelled';

export interface RunEventRow {
  readonly seq: number;
  readonly atMs: number;
  readonly version: number;
  readonly input: RunInput;
  readonly ignored: Ignored | null;
}

export interface RunQuery {
  readonly workflow?: string;
  readonly status?: StoredRunStatus;
  readonly parentRunId?: string;
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Null = the last page. */
  readonly next: string | null;
}

export interface ApprovalRow {
  readonly runId: string;
  readonly task: string;
  readonly message: string;
  readonly approvers: readonly string[];
  readonly askedAtMs: number;
  readonly decision: 'approved' | 'declined' | 'withdrawn' | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
  readonly decidedAtMs: number | null;
}

export interface PoolUse {
  readonly pool: string;
  readonly slots: number;
  readonly slotsTaken: number;
  readonly cpu: number;
  readonly cpuTaken: number;
  readonly memoryMiB: number;
  readonly memoryMiBTaken: number;
  readonly io: number;
  readonly ioTaken: number;
  readonly queued: number;
  readonly oldestQueuedMs: number;
  /** Workers that were heard of lately. */
  readonly workers: readonly string[];
}

/** Reading models of runs, for the API and the console. */
export interface RunReader {
  listRuns(query: RunQuery): Promise<Page<RunSummary>>;
  findRun(
    runId: string,
  ): Promise<(RunSummary & { readonly parameters: Readonly<Record<string, unknown>>; readonly state: RunState | null }) | null>;
  listTasks(runId: string): Promise<readonly TaskRow[]>;
  /** @param afterSeq  0 = from the beginning */
  listEvents(runId: string, afterSeq: number, limit: number): Promise<readonly RunEventRow[]>;
  /** @param runId  null = all that are open */
  listApprovals(runId: string | null): Promise<readonly ApprovalRow[]>;
  listPools(): Promise<readonly PoolUse[]>;
}

/** Told after the commit of each step, best effort: what is shown live. */
export interface RunChange {
  readonly runId: string;
  readonly seq: number;
  readonly status: RunStatus;
  readonly effects: readonly RunEffect[];
}
