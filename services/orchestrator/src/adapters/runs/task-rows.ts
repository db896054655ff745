import type { Transaction } from '@vigil/postgres';
import type { QueuedRequest } from '../../domain/runs/request-of.ts';
import { isWithWorker, type TaskChange } from '../../domain/runs/task-change.ts';

/** A changed row with what its run adds. */
export interface ProjectedTask {
  readonly runId: string;
  readonly workflow: string;
  readonly priority: number;
  readonly change: TaskChange;
  /** Of a part that was queued in this step. */
  readonly request: (QueuedRequest & { readonly inputRef: string | null }) | null;
}

const toRow = ({ runId, workflow, priority, change, request }: ProjectedTask): object => {
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

/**
 * A row with a worker keeps the time it was handed out, its lease and its deadline; a lease begins anew when its worker
 * says that it started.
 */
const upsertSql = `
  INSERT INTO orchestration.task_run AS t (run_id, task, part, part_key, workflow, task_type, pool, state, attempt, epoch, slots, cpu, memory_mib,
    io, priority, blocked_reason, blocked_by, queued_at, started_at, ended_at, worker, health, counts, result, error, request, child_run_id)
  SELECT "runId", task, part, "partKey", workflow, "taskType", pool, state, attempt, epoch, slots, cpu, "memoryMiB", io, priority, reason, by,
    CASE WHEN state = 'queued' THEN clock_timestamp() END, CASE WHEN state = 'running' THEN clock_timestamp() END,
    CASE WHEN state IN ('succeeded', 'failed', 'fell-back', 'skipped', 'cancelled') THEN clock_timestamp() END,
    worker, health, counts, result, error, request, "childRunId"
  FROM jsonb_to_recordset($1::jsonb) AS n ("runId" uuid, task text, part integer, "partKey" text, workflow text, "taskType" text, pool text,
    state text, attempt integer, epoch bigint, slots integer, cpu real, "memoryMiB" integer, io real, priority smallint, reason text, by text,
    worker text, health text, counts jsonb, result jsonb, error jsonb, request jsonb, "childRunId" uuid)
  ORDER BY "runId", task, part
  ON CONFLICT (run_id, task, part) DO UPDATE SET part_key = EXCLUDED.part_key, pool = EXCLUDED.pool, task_type = EXCLUDED.task_type,
    state = EXCLUDED.state, attempt = EXCLUDED.attempt, epoch = EXCLUDED.epoch, slots = EXCLUDED.slots, cpu = EXCLUDED.cpu,
    memory_mib = EXCLUDED.memory_mib, io = EXCLUDED.io, priority = EXCLUDED.priority, blocked_reason = EXCLUDED.blocked_reason,
    blocked_by = CASE WHEN EXCLUDED.blocked_by = '' AND EXCLUDED.blocked_reason = t.blocked_reason THEN t.blocked_by ELSE EXCLUDED.blocked_by END,
    queued_at = coalesce(EXCLUDED.queued_at, t.queued_at),
    requested_at = CASE WHEN EXCLUDED.state = 'queued' THEN NULL ELSE t.requested_at END,
    started_at = CASE WHEN EXCLUDED.state = 'queued' THEN NULL ELSE coalesce(t.started_at, EXCLUDED.started_at) END,
    ended_at = EXCLUDED.ended_at,
    lease_until = CASE WHEN EXCLUDED.pool IS NULL OR EXCLUDED.state NOT IN ('running', 'stopping') THEN NULL
      WHEN EXCLUDED.state = 'running' AND t.state <> 'running' THEN clock_timestamp() + $2 * interval '1 millisecond' ELSE t.lease_until END,
    deadline_at = CASE WHEN EXCLUDED.state IN ('running', 'stopping') THEN t.deadline_at END,
    worker = EXCLUDED.worker, health = EXCLUDED.health,
    counts = CASE WHEN EXCLUDED.counts = '{}' AND EXCLUDED.epoch = t.epoch THEN t.counts ELSE EXCLUDED.counts END,
    result = EXCLUDED.result, error = EXCLUDED.error, request = EXCLUDED.request, child_run_id = EXCLUDED.child_run_id,
    changed_at = clock_timestamp()`;

/** Brings the projection up to date. */
export async function projectTasks(transaction: Transaction, tasks: readonly ProjectedTask[], leaseMs: number): Promise<void> {
  if (tasks.length === 0) return;
  await transaction.query({ name: 'project-tasks', text: upsertSql, values: [JSON.stringify(tasks.map(toRow)), leaseMs] });
}

interface PartKey {
  readonly runId: string;
  readonly task: string;
  readonly part: number;
}

const columnsOf = (parts: readonly PartKey[]): [string[], string[], number[]] => [
  parts.map(({ runId }) => runId),
  parts.map(({ task }) => task),
  parts.map(({ part }) => part),
];

const freeSql = `
  DELETE FROM orchestration.pool_slot s USING unnest($1::uuid[], $2::text[], $3::integer[]) AS f (run_id, task, part)
  WHERE s.run_id = f.run_id AND s.task = f.task AND s.part = f.part`;

/** Gives back what parts held of their pools; returns how many held something. */
export async function freeSlots(transaction: Transaction, parts: readonly PartKey[]): Promise<number> {
  if (parts.length === 0) return 0;
  const { rowCount } = await transaction.query({ name: 'free-slots', text: freeSql, values: columnsOf(parts) });
  return rowCount ?? 0;
}

const withWorkersSql = `
  SELECT t.run_id AS "runId", t.task, t.part, t.epoch, t.state, t.pool, coalesce(t.lease_until < clock_timestamp(), true) AS "isOver"
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
