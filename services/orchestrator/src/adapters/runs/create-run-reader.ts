import { toDatabaseError } from '@vigil/postgres';
import type pg from 'pg';
import type { Blocked, BlockedReason } from '../../domain/runs/blocked.ts';
import type { ApprovalRow, PoolUse, RunEventRow, RunReader, RunSummary, TaskRow } from '../../domain/runs/run-reader.ts';

const ms = (column: string, name: string): string => `(extract(epoch FROM ${column}) * 1000)::bigint AS "${name}"`;

const summary = `run_id AS "runId", workflow, version, batch_id AS "batchId", status, priority, trigger, trigger_detail AS "triggerDetail",
  schedule_id AS "scheduleId", ${ms('scheduled_for', 'scheduledForMs')}, parent_run_id AS "parentRunId", reason, requested_by AS "requestedBy",
  ${ms('created_at', 'createdAtMs')}, ${ms('started_at', 'startedAtMs')}, ${ms('ended_at', 'endedAtMs')}`;

/** Newest first; `after` is the place of the last run of the page before. */
const listSql = `
  SELECT to_jsonb(s) - 'place' AS run, place FROM (
    SELECT ${summary}, extract(epoch FROM created_at)::text AS place FROM orchestration.run
    WHERE ($1::text IS NULL OR workflow = $1) AND ($2::text IS NULL OR status = $2) AND ($3::uuid IS NULL OR parent_run_id = $3)
    AND ($4::numeric IS NULL OR (created_at, run_id) < (to_timestamp(0) + $4::numeric * interval '1 second', $5::uuid))
    ORDER BY created_at DESC, run_id DESC LIMIT $6) s`;

const taskSql = `
  SELECT task, part, part_key AS "partKey", task_type AS "taskType", pool, state, attempt, epoch, blocked_reason AS "blockedReason",
    blocked_by AS "blockedBy", ${ms('queued_at', 'queuedAtMs')}, ${ms('requested_at', 'requestedAtMs')}, ${ms('started_at', 'startedAtMs')},
    ${ms('ended_at', 'endedAtMs')}, ${ms('lease_until', 'leaseUntilMs')}, worker, health, counts, result, error, child_run_id AS "childRunId"
  FROM orchestration.task_run WHERE run_id = $1 ORDER BY queued_at NULLS LAST, task, part`;

const eventSql = `
  SELECT seq, ${ms('at', 'atMs')}, version, input, ignored FROM orchestration.run_event WHERE run_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`;

const approvalSql = `
  SELECT a.run_id AS "runId", a.task, a.message, a.approvers, ${ms('a.asked_at', 'askedAtMs')}, a.decision, a.decided_by AS "decidedBy", a.reason,
    ${ms('a.decided_at', 'decidedAtMs')}
  FROM orchestration.approval a WHERE CASE WHEN $1::uuid IS NULL THEN a.decision IS NULL ELSE a.run_id = $1 END ORDER BY a.asked_at`;

const poolSql = `
  SELECT p.pool, p.slots, p.cpu, p.memory_mib AS "memoryMiB", p.io, s.slots AS "slotsTaken", s.cpu AS "cpuTaken", s.memory AS "memoryMiBTaken",
    s.io AS "ioTaken", q.queued, q.oldest AS "oldestQueuedMs", w.workers
  FROM orchestration.pool p,
    LATERAL (SELECT coalesce(sum(slots), 0)::integer AS slots, coalesce(sum(cpu), 0) AS cpu, coalesce(sum(memory_mib), 0)::integer AS memory,
      coalesce(sum(io), 0) AS io FROM orchestration.pool_slot WHERE pool = p.pool) s,
    LATERAL (SELECT count(*)::integer AS queued, coalesce(max(extract(epoch FROM clock_timestamp() - queued_at) * 1000), 0)::bigint AS oldest
      FROM orchestration.task_run WHERE pool = p.pool AND state = 'queued') q,
    LATERAL (SELECT coalesce(array_agg(worker ORDER BY worker), '{}') AS workers FROM orchestration.worker
      WHERE pool = p.pool AND seen_at > clock_timestamp() - $1 * interval '1 millisecond') w
  ORDER BY p.pool`;

type BlockedColumns = { readonly blockedReason: BlockedReason | null; readonly blockedBy: string | null };

const toTask = ({ blockedReason, blockedBy, ...row }: Omit<TaskRow, 'blocked'> & BlockedColumns): TaskRow => {
  const blocked: Blocked | null = blockedReason === null ? null : { reason: blockedReason, by: blockedBy ?? '' };
  return { ...row, blocked };
};

/** Reading models of runs. @param workerSilentMs  workers that were not heard of for longer are left out */
export function createRunReader(pool: pg.Pool, workerSilentMs: number): RunReader {
  const ask = async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]> => {
    try {
      return (await pool.query<Row>(text, [...values])).rows;
    } catch (error) {
      throw toDatabaseError(error);
    }
  };
  return {
    async listRuns({ workflow, status, parentRunId, limit, after }) {
      const [place, runId] = after?.split('/') ?? [];
      const values = [workflow ?? null, status ?? null, parentRunId ?? null, place ?? null, runId ?? null, limit + 1];
      const rows = await ask<{ run: RunSummary; place: string }>(listSql, values);
      const last = rows[limit - 1];
      return {
        items: rows.slice(0, limit).map(({ run }) => run),
        next: rows.length > limit && last ? `${last.place}/${last.run.runId}` : null,
      };
    },
    async findRun(runId) {
      const rows = await ask<Awaited<ReturnType<RunReader['findRun']>> & object>(
        `SELECT ${summary}, parameters FROM orchestration.run WHERE run_id = $1`,
        [runId],
      );
      return rows[0] ?? null;
    },
    listTasks: async (runId) => (await ask<Omit<TaskRow, 'blocked'> & BlockedColumns>(taskSql, [runId])).map(toTask),
    listEvents: (runId, afterSeq, limit) => ask<RunEventRow>(eventSql, [runId, afterSeq, limit]),
    listApprovals: (runId) => ask<ApprovalRow>(approvalSql, [runId]),
    listPools: () => ask<PoolUse>(poolSql, [workerSilentMs]),
  };
}
