// Reading models of runs, for the API and the console.
import type { Ignored, RunInput, TaskResult } from '@vigil/workflows';
import type { Blocked } from './blocked.ts';
import type { RunTrigger, StoredRunStatus } from './run-store.ts';

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
  findRun(runId: string): Promise<(RunSummary & { readonly parameters: Readonly<Record<string, unknown>> }) | null>;
  listTasks(runId: string): Promise<readonly TaskRow[]>;
  /** @param afterSeq  0 = from the beginning */
  listEvents(runId: string, afterSeq: number, limit: number): Promise<readonly RunEventRow[]>;
  /** @param runId  null = all that are open */
  listApprovals(runId: string | null): Promise<readonly ApprovalRow[]>;
  listPools(): Promise<readonly PoolUse[]>;
}
