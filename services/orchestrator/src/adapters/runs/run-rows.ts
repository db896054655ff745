import type { Transaction } from '@vigil/postgres';
import type { PartState, RunInput, RunState } from '@vigil/workflows';
import type { RunTrigger, StoredRunStatus } from '../../domain/runs/run-store.ts';
import type { PartsByTask, StoredState } from '../../domain/runs/stored-state.ts';

/** A run as it is locked for its steps. */
export interface RunRow {
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  readonly batchId: string;
  readonly status: StoredRunStatus;
  readonly priority: number;
  readonly trigger: RunTrigger;
  readonly scheduleId: string | null;
  readonly scheduledForMs: number | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly parentRunId: string | null;
  readonly parentTask: string | null;
  readonly parentPart: number | null;
  /** Of a run that was started by a run: how many stand above it. */
  readonly depth: number;
  readonly seq: number;
  readonly state: RunState | null;
  /** Those of its parts that stand in rows. */
  readonly parts: PartsByTask;
}

/** A run as it was read, without the parts that stand in rows. */
export type StoredRunRow = Omit<RunRow, 'state' | 'parts'> & { readonly state: StoredState | null };

export interface LockedRuns {
  readonly runs: readonly StoredRunRow[];
  /** The database's clock, which all inputs of this transaction are dated with. */
  readonly nowMs: number;
}

const lockSql = `
  SELECT run_id AS "runId", workflow, version, batch_id AS "batchId", status, priority, trigger, schedule_id AS "scheduleId",
    (extract(epoch FROM scheduled_for) * 1000)::bigint AS "scheduledForMs", parameters, parent_run_id AS "parentRunId",
    parent_task AS "parentTask", parent_part AS "parentPart", coalesce((trigger_detail->>'depth')::integer, 0) AS depth, seq, state, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS "nowMs"
  FROM orchestration.run WHERE run_id = ANY($1::uuid[]) ORDER BY run_id FOR UPDATE`;

/** Locks runs in the one order that everybody keeps; those that do not exist are missing in the answer. */
export async function lockRuns(transaction: Transaction, runIds: readonly string[]): Promise<LockedRuns> {
  const { rows } = await transaction.query<StoredRunRow & { nowMs: number }>({ name: 'lock-runs', text: lockSql, values: [runIds] });
  return { runs: rows, nowMs: Math.max(0, ...rows.map(({ nowMs }) => nowMs)) };
}

const inboxSql = `
  INSERT INTO orchestration.inbox (message_id) SELECT DISTINCT unnest($1::text[]) ORDER BY 1 ON CONFLICT DO NOTHING RETURNING message_id AS "messageId"`;

/** Remembers messages; returns those that were not seen before. */
export async function takeIn(transaction: Transaction, messageIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (messageIds.length === 0) return new Set();
  const { rows } = await transaction.query<{ messageId: string }>({ name: 'take-in', text: inboxSql, values: [messageIds] });
  return new Set(rows.map(({ messageId }) => messageId));
}

/** What the steps of one run in one transaction leave behind. */
export interface SavedRun {
  readonly runId: string;
  readonly seq: number;
  readonly version: number;
  readonly state: StoredState;
}

/** A part that stands in a row of its own, after the steps. */
export interface SavedPart {
  readonly runId: string;
  readonly task: string;
  readonly part: number;
  readonly state: PartState;
}

export interface SavedEvent {
  readonly runId: string;
  readonly seq: number;
  readonly version: number;
  readonly input: RunInput;
  readonly ignored: string | null;
}
