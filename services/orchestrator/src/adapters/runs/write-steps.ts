import type { Transaction } from '@vigil/postgres';
import type { SavedEvent, SavedPart, SavedRun } from './run-rows.ts';
import { toTaskRow, type PartKey, type ProjectedTask } from './task-rows.ts';

/** A queue that parts stand in: the dispatcher only looks at queues that it knows. */
interface Queue {
  readonly pool: string;
  readonly workflow: string;
  readonly priority: number;
}

/** All that steps leave in tables of their own: history, state, projection, queues, slots. */
export interface WrittenSteps {
  readonly events: readonly SavedEvent[];
  readonly runs: readonly SavedRun[];
  /** Parts that stand in rows and are not as they were. */
  readonly parts: readonly SavedPart[];
  readonly tasks: readonly ProjectedTask[];
  /** Parts whose slots, if they hold any, are given back. */
  readonly idle: readonly PartKey[];
}

/**
 * A row with a worker keeps the time it was handed out, its lease and its deadline; a lease begins anew when its worker
 * says that it started.
 */
const projectSql = `
  INSERT INTO orchestration.task_run AS t (run_id, task, part, part_key, workflow, task_type, pool, state, attempt, epoch, slots, cpu, memory_mib,
    io, priority, blocked_reason, blocked_by, queued_at, started_at, ended_at, worker, health, counts, result, error, request, child_run_id)
  SELECT "runId", task, part, "partKey", workflow, "taskType", pool, state, attempt, epoch, slots, cpu, "memoryMiB", io, priority, reason, by,
    CASE WHEN state = 'queued' THEN clock_timestamp() END, CASE WHEN pool IS NULL OR state IN ('running', 'stopping', 'succeeded', 'failed', 'fell-back') THEN clock_timestamp() END,
    CASE WHEN state IN ('succeeded', 'failed', 'fell-back', 'skipped', 'cancelled') THEN clock_timestamp() END,
    worker, health, counts, result, error, request, "childRunId"
  FROM jsonb_to_recordset($3::jsonb) AS n ("runId" uuid, task text, part integer, "partKey" text, workflow text, "taskType" text, pool text,
    state text, attempt integer, epoch bigint, slots integer, cpu real, "memoryMiB" integer, io real, priority smallint, reason text, by text,
    worker text, health text, counts jsonb, result jsonb, error jsonb, request jsonb, "childRunId" uuid)
  ORDER BY "runId", task, part
  ON CONFLICT (run_id, task, part) DO UPDATE SET part_key = EXCLUDED.part_key, pool = EXCLUDED.pool, task_type = EXCLUDED.task_type,
    state = EXCLUDED.state, attempt = EXCLUDED.attempt, epoch = EXCLUDED.epoch, slots = EXCLUDED.slots, cpu = EXCLUDED.cpu,
    memory_mib = EXCLUDED.memory_mib, io = EXCLUDED.io, priority = EXCLUDED.priority, blocked_reason = EXCLUDED.blocked_reason,
    blocked_by = CASE WHEN EXCLUDED.blocked_by = '' AND EXCLUDED.blocked_reason = t.blocked_reason THEN t.blocked_by ELSE EXCLUDED.blocked_by END,
    queued_at = coalesce(EXCLUDED.queued_at, t.queued_at),
    requested_at = CASE WHEN EXCLUDED.state = 'queued' THEN NULL ELSE t.requested_at END,
    started_at = CASE WHEN EXCLUDED.state IN ('queued', 'waiting') THEN NULL ELSE coalesce(t.started_at, EXCLUDED.started_at) END,
    ended_at = EXCLUDED.ended_at,
    lease_until = CASE WHEN EXCLUDED.pool IS NULL OR EXCLUDED.state NOT IN ('running', 'stopping') THEN NULL
      WHEN EXCLUDED.state = 'running' AND t.state <> 'running' THEN clock_timestamp() + $6 * interval '1 millisecond' ELSE t.lease_until END,
    deadline_at = CASE WHEN EXCLUDED.state IN ('running', 'stopping') THEN t.deadline_at END,
    worker = EXCLUDED.worker, health = EXCLUDED.health,
    counts = CASE WHEN EXCLUDED.counts = '{}' AND EXCLUDED.epoch = t.epoch THEN t.counts ELSE EXCLUDED.counts END,
    result = EXCLUDED.result, error = EXCLUDED.error, request = EXCLUDED.request, child_run_id = EXCLUDED.child_run_id,
    changed_at = clock_timestamp()`;

/** One statement: five round trips for each step would be most of what a step takes. The tables differ, so their order does not matter. */
const writeSql = `
  WITH happened AS (
    INSERT INTO orchestration.run_event (run_id, seq, at, version, input, ignored)
    SELECT "runId", seq, to_timestamp((input->>'atMs')::double precision / 1000), version, input, ignored
    FROM jsonb_to_recordset($1::jsonb) AS e ("runId" uuid, seq bigint, version integer, input jsonb, ignored text)
  ), saved AS (
    UPDATE orchestration.run r SET seq = s.seq, version = s.version, state = s.state, status = s.state->>'status', reason = s.state->>'reason',
      started_at = coalesce(r.started_at, to_timestamp((s.state->>'startedAtMs')::double precision / 1000)),
      ended_at = to_timestamp((s.state->>'endedAtMs')::double precision / 1000)
    FROM jsonb_to_recordset($2::jsonb) AS s ("runId" uuid, seq bigint, version integer, state jsonb)
    WHERE r.run_id = s."runId"
  ), parted AS (
    INSERT INTO orchestration.run_part (run_id, task, part, state)
    SELECT "runId", task, part, state FROM jsonb_to_recordset($7::jsonb) AS p ("runId" uuid, task text, part integer, state jsonb)
    ORDER BY 1, 2, 3 ON CONFLICT (run_id, task, part) DO UPDATE SET state = EXCLUDED.state
  ), projected AS (${projectSql}
  ), queues AS (
    INSERT INTO orchestration.pool_turn (pool, workflow, priority)
    SELECT pool, workflow, priority FROM jsonb_to_recordset($4::jsonb) AS q (pool text, workflow text, priority smallint)
    ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING
  ), freed AS (
    DELETE FROM orchestration.pool_slot s USING jsonb_to_recordset($5::jsonb) AS f ("runId" uuid, task text, part integer)
    WHERE s.run_id = f."runId" AND s.task = f.task AND s.part = f.part RETURNING s.pool
  )
  SELECT DISTINCT pool FROM freed`;

const queuesOf = (tasks: readonly ProjectedTask[]): readonly Queue[] => {
  const queued = tasks.filter(({ request }) => request !== null);
  const queues = queued.map(({ workflow, priority, change }): Queue => ({ pool: change.planned.pool as string, workflow, priority }));
  return [...new Map(queues.map((queue) => [Object.values(queue).join(' '), queue])).values()];
};

/**
 * Writes what steps changed.
 *
 * @returns pools in which slots were given back
 */
export async function writeSteps(
  transaction: Transaction,
  { events, runs, parts, tasks, idle }: WrittenSteps,
  leaseMs: number,
): Promise<readonly string[]> {
  const values = [events, runs, tasks.map(toTaskRow), queuesOf(tasks), idle].map((rows) => JSON.stringify(rows));
  const { rows } = await transaction.query<{ pool: string }>({
    name: 'write-steps',
    text: writeSql,
    values: [...values, leaseMs, JSON.stringify(parts)],
  });
  return rows.map(({ pool }) => pool);
}
