import type { Transaction } from '@vigil/postgres';
import type { QueuedRequest } from '../../domain/runs/request-of.ts';
import { isWithWorker, type TaskChange } from '../../domain/runs/task-change.ts';
import { isReportSql } from './kept-reports.ts';

/** A changed row with what its run adds. */
export interface ProjectedTask {
  readonly runId: string;
  readonly workflow: string;
  readonly priority: number;
  readonly change: TaskChange;
  /** Of a part that was queued in this step. */
  readonly request: (QueuedRequest & { readonly inputRef: string | null }) | null;
}

export const toTaskRow = ({ runId, workflow, priority, change, request }: ProjectedTask): object => {
  const { planned, blocked, ...rest } = change;
  return {
    ...rest,
    runId,
    workflow,
    priority,
    task: planned.name,
    taskType: planned.type,
    pool: planned.pool,
    ...planned.weight,
    reason: blocked?.reason ?? null,
    by: blocked?.by ?? null,
    request,
    withWorker: isWithWorker(change),
  };
};

export interface PartKey {
  readonly runId: string;
  readonly task: string;
  readonly part: number;
}

const columnsOf = (parts: readonly PartKey[]): [string[], string[], number[]] => [
  parts.map(({ runId }) => runId),
  parts.map(({ task }) => task),
  parts.map(({ part }) => part),
];

/** As long as reports of a run are kept no lease of it counts as over: they may stand for longer than who found it over knew. */
const withWorkersSql = `
  SELECT t.run_id AS "runId", t.task, t.part, t.epoch, t.state, t.pool, coalesce(t.lease_until < clock_timestamp(), true)
    AND NOT EXISTS (SELECT FROM orchestration.timer kept WHERE kept.run_id = t.run_id AND ${isReportSql('kept.timer')}) AS "isOver"
  FROM orchestration.task_run t JOIN unnest($1::uuid[], $2::text[], $3::integer[]) AS w (run_id, task, part) USING (run_id, task, part)
  ORDER BY t.run_id, t.task, t.part FOR UPDATE OF t`;

export interface PartPlace extends PartKey {
  readonly epoch: number;
  readonly state: string;
  readonly pool: string | null;
  /** Its lease has ended. */
  readonly isOver: boolean;
}

/** Where parts stand, locked: the dispatcher may be handing them out this moment. */
export async function lockParts(transaction: Transaction, parts: readonly PartKey[]): Promise<readonly PartPlace[]> {
  if (parts.length === 0) return [];
  const { rows } = await transaction.query<PartPlace>({ name: 'lock-parts', text: withWorkersSql, values: columnsOf(parts) });
  return rows;
}

const standSql = `
  UPDATE orchestration.task_run t SET blocked_reason = s.reason, blocked_by = s.by
  FROM unnest($1::uuid[], $2::text[], $3::text[]) AS s (run_id, reason, by)
  WHERE t.run_id = s.run_id AND t.state = 'queued'`;

/** Parts that are queued stand still with their run, or go on with it. */
export async function holdQueued(
  transaction: Transaction,
  runs: readonly { readonly runId: string; readonly reason: string; readonly by: string }[],
): Promise<void> {
  if (runs.length === 0) return;
  const values = [runs.map(({ runId }) => runId), runs.map(({ reason }) => reason), runs.map(({ by }) => by)];
  await transaction.query({ name: 'hold-queued', text: standSql, values });
}

export interface ProgressRow extends PartKey {
  readonly epoch: number;
  readonly counts: Readonly<Record<string, number>>;
}

const progressSql = `
  UPDATE orchestration.task_run t SET counts = p.counts, changed_at = clock_timestamp()
  FROM jsonb_to_recordset($1::jsonb) AS p ("runId" uuid, task text, part integer, epoch bigint, counts jsonb)
  WHERE t.run_id = p."runId" AND t.task = p.task AND t.part = p.part AND t.epoch = p.epoch AND t.state IN ('running', 'stopping')`;

/** Counts of attempts under way, which no state of a run holds. */
export async function tellProgress(transaction: Transaction, rows: readonly ProgressRow[]): Promise<void> {
  if (rows.length > 0) await transaction.query({ name: 'tell-progress', text: progressSql, values: [JSON.stringify(rows)] });
}
