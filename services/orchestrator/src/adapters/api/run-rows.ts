import type { z } from 'zod';
import type { runSchema, taskRunSchema } from '../../api/schemas/run.ts';

export type Run = z.input<typeof runSchema>;
export type TaskRun = z.input<typeof taskRunSchema>;

/** PostgreSQL gives times as dates. */
export type Row<Shape> = {
  readonly [Name in keyof Shape]: Name extends `${string}At` | 'scheduledFor' | 'leaseUntil'
    ? Date | Extract<Shape[Name], null>
    : Shape[Name];
};

export const isoOf = <When extends Date | null>(when: When): When extends Date ? string : string | null =>
  (when === null ? null : when.toISOString()) as When extends Date ? string : string | null;

export type RunRow = Row<Run> & { readonly cursor: string };

/** Columns of a run of the alias `r`, under the API's names. */
export const runColumns = `r.run_id AS "runId", r.workflow, r.version, r.status, r.trigger, r.schedule_id AS "scheduleId",
  r.scheduled_for AS "scheduledFor", r.batch_id AS "batchId", r.parent_run_id AS "parentRunId", r.parent_task AS "parentTask",
  r.priority, r.reason, r.requested_by AS "requestedBy", r.created_at AS "createdAt", r.started_at AS "startedAt", r.ended_at AS "endedAt",
  r.created_at::text AS cursor`;

/** Columns of a part of a task of the alias `t`. */
export const taskColumns = `t.task, t.part, t.part_key AS "partKey", t.task_type AS type, t.pool, t.state, t.attempt,
  t.blocked_reason AS "blockedReason", t.blocked_by AS "blockedBy", t.worker, t.health, t.counts, t.error, t.child_run_id AS "childRunId",
  t.queued_at AS "queuedAt", t.started_at AS "startedAt", t.ended_at AS "endedAt"`;

export const toRun = (row: RunRow): Run => ({
  runId: row.runId,
  workflow: row.workflow,
  version: row.version,
  status: row.status,
  trigger: row.trigger,
  scheduleId: row.scheduleId,
  scheduledFor: isoOf(row.scheduledFor),
  batchId: row.batchId,
  parentRunId: row.parentRunId,
  parentTask: row.parentTask,
  priority: row.priority,
  reason: row.reason,
  requestedBy: row.requestedBy,
  createdAt: isoOf(row.createdAt),
  startedAt: isoOf(row.startedAt),
  endedAt: isoOf(row.endedAt),
});

export const toTask = ({ queuedAt, startedAt, endedAt, ...row }: Row<TaskRun>): TaskRun => ({
  ...row,
  queuedAt: isoOf(queuedAt),
  startedAt: isoOf(startedAt),
  endedAt: isoOf(endedAt),
});
