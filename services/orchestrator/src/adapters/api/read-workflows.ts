import type pg from 'pg';
import type { z } from 'zod';
import { inspectDefinition, workflowSchema as definitionSchema } from '@vigil/definitions';
import type { RunPlan } from '@vigil/workflows';
import { ApiProblem } from '../../api/problem.ts';
import type { Handlers } from '../../api/routes.ts';
import type { fireSchema, scheduleSchema } from '../../api/schemas/schedule.ts';
import type { workflowDetailSchema, workflowSchema } from '../../api/schemas/workflow.ts';
import { byName, byTimeAlone, pageOfRows, readCursor } from './page-cursor.ts';
import { isoOf, type Row } from './run-rows.ts';

type Schedule = z.input<typeof scheduleSchema>;
type Fire = z.input<typeof fireSchema>;
type Workflow = z.input<typeof workflowSchema>;
type WorkflowDetail = z.input<typeof workflowDetailSchema>;
type Versions = WorkflowDetail['versions'];

const workflowsSql = `
  SELECT w.workflow, w.version, w.enabled, w.changed_at AS "changedAt", w.changed_by AS "changedBy",
    (SELECT count(*) FROM orchestration.run r WHERE r.workflow = w.workflow AND r.status IN ('waiting', 'running', 'paused', 'cancelling')) AS "openRuns",
    l.run_id AS "lastRunId", l.status AS "lastStatus", l.ended_at AS "lastEndedAt",
    (SELECT min(s.next_fire_at) FROM orchestration.schedule s WHERE s.workflow = w.workflow AND s.enabled AND w.enabled) AS "nextFireAt"
  FROM orchestration.workflow w JOIN orchestration.definition d USING (workflow, version)
  LEFT JOIN LATERAL (SELECT run_id, status, ended_at FROM orchestration.run r WHERE r.workflow = w.workflow ORDER BY created_at DESC LIMIT 1) l ON true
  WHERE $1::text IS NULL OR w.workflow > $1 ORDER BY w.workflow LIMIT $2`;

const detailSql = `
  SELECT w.workflow, w.version, w.enabled, w.changed_at AS "changedAt", w.changed_by AS "changedBy", d.version AS shown, d.text, d.plan
  FROM orchestration.workflow w JOIN orchestration.definition d ON d.workflow = w.workflow AND d.version = coalesce($2, w.version)
  WHERE w.workflow = $1`;

const versionsSql = `
  SELECT version, sha256, deployed_at AS "deployedAt", deployed_by AS "deployedBy" FROM orchestration.definition
  WHERE workflow = $1 ORDER BY version DESC`;

const scheduleColumns = `schedule_id AS "scheduleId", workflow, kind, spec, enabled, next_fire_at AS "nextFireAt",
  considered_until AS "consideredUntil", changed_at AS "changedAt", changed_by AS "changedBy"`;

const schedulesSql = `
  SELECT ${scheduleColumns} FROM orchestration.schedule
  WHERE ($1::text IS NULL OR workflow = $1) AND ($2::text IS NULL OR schedule_id > $2) ORDER BY schedule_id LIMIT $3`;

const scheduleSql = `SELECT ${scheduleColumns} FROM orchestration.schedule WHERE schedule_id = $1`;

/** Times of the clock, and what triggered: at the time it was seen. */
const firesSql = `
  SELECT scheduled_for AS "scheduledFor", decision, run_id AS "runId", fired_at AS "firedAt", scheduled_for::text AS cursor
  FROM (
    SELECT schedule_id, scheduled_for, decision, run_id, fired_at FROM orchestration.fire
    UNION ALL SELECT schedule_id, seen_at, decision, run_id, decided_at FROM orchestration.trigger_fire WHERE decision IS NOT NULL) f
  WHERE schedule_id = $1 AND ($2::timestamptz IS NULL OR scheduled_for < $2)
  ORDER BY scheduled_for DESC LIMIT $3`;

interface WorkflowRow extends Omit<Workflow, 'changedAt' | 'nextFireAt' | 'lastRun'> {
  readonly changedAt: Date;
  readonly nextFireAt: Date | null;
  readonly lastRunId: string | null;
  readonly lastStatus: string | null;
  readonly lastEndedAt: Date | null;
}
type ScheduleRow = Omit<Row<Schedule>, 'consideredUntil'> & { readonly consideredUntil: Date };
type DetailRow = Row<Pick<WorkflowDetail, 'workflow' | 'version' | 'enabled' | 'changedAt' | 'changedBy' | 'shown' | 'text'>> & {
  readonly plan: RunPlan;
};

const toWorkflow = ({ lastRunId, lastStatus, lastEndedAt, nextFireAt, changedAt, ...row }: WorkflowRow): Workflow => ({
  ...row,
  changedAt: isoOf(changedAt),
  nextFireAt: isoOf(nextFireAt),
  lastRun: lastRunId === null || lastStatus === null ? null : { runId: lastRunId, status: lastStatus, endedAt: isoOf(lastEndedAt) },
});

const toSchedule = ({ nextFireAt, consideredUntil, changedAt, ...row }: ScheduleRow): Schedule => ({
  ...row,
  nextFireAt: isoOf(nextFireAt),
  consideredUntil: isoOf(consideredUntil),
  changedAt: isoOf(changedAt),
});

/** A text that was deployed by an earlier version of this program may no longer be valid. */
function descriptionOf(text: string): string {
  const read = inspectDefinition(text, definitionSchema);
  return read.ok ? read.value.description : '';
}

/** @throws ApiProblem SCHEDULE_UNKNOWN */
export async function readSchedule(database: pg.Pool | pg.PoolClient, scheduleId: string): Promise<Schedule> {
  const { rows } = await database.query<ScheduleRow>(scheduleSql, [scheduleId]);
  if (rows[0] === undefined) throw new ApiProblem('SCHEDULE_UNKNOWN', scheduleId);
  return toSchedule(rows[0]);
}

/**
 * @param version  null = in force
 * @throws ApiProblem WORKFLOW_UNKNOWN
 */
export async function readWorkflow(pool: pg.Pool, workflow: string, version: number | null): Promise<WorkflowDetail> {
  const { rows } = await pool.query<DetailRow>(detailSql, [workflow, version]);
  const [found] = rows;
  if (found === undefined) throw new ApiProblem('WORKFLOW_UNKNOWN', version === null ? workflow : `${workflow}, version ${version}`);
  const { rows: versions } = await pool.query<Row<Versions[number]>>(versionsSql, [workflow]);
  const { rows: schedules } = await pool.query<ScheduleRow>(schedulesSql, [workflow, null, 1000]);
  const { plan, changedAt, ...row } = found;
  return {
    ...row,
    changedAt: isoOf(changedAt),
    description: descriptionOf(row.text),
    tasks: plan.tasks.map(({ name, type, pool: poolName, dependsOn }) => ({ name, type, pool: poolName, dependsOn: [...dependsOn] })),
    versions: versions.map(({ deployedAt, ...of }) => ({ ...of, deployedAt: isoOf(deployedAt) })),
    schedules: schedules.map(toSchedule),
  };
}

/** Workflows and schedules, as the API shows them. */
export const readWorkflows = (pool: pg.Pool): Pick<Handlers, 'listWorkflows' | 'showWorkflow' | 'listSchedules' | 'listFires'> => ({
  listWorkflows: async ({ query: { cursor, limit } }) => {
    const { rows } = await pool.query<WorkflowRow>(workflowsSql, [readCursor(cursor, byName)[0], limit + 1]);
    return { status: 200, body: pageOfRows(rows, limit, { toItem: toWorkflow, keysOf: ({ workflow }) => [workflow, ''] }) };
  },
  showWorkflow: async ({ params, query }) => ({ status: 200, body: await readWorkflow(pool, params.workflow, query.version ?? null) }),
  listSchedules: async ({ query: { workflow, cursor, limit } }) => {
    const { rows } = await pool.query<ScheduleRow>(schedulesSql, [workflow ?? null, readCursor(cursor, byName)[0], limit + 1]);
    return { status: 200, body: pageOfRows(rows, limit, { toItem: toSchedule, keysOf: ({ scheduleId }) => [scheduleId, ''] }) };
  },
  listFires: async ({ params: { scheduleId }, query: { cursor, limit } }) => {
    await readSchedule(pool, scheduleId);
    type FireRow = Row<Fire> & { readonly cursor: string };
    const { rows } = await pool.query<FireRow>(firesSql, [scheduleId, readCursor(cursor, byTimeAlone)[0], limit + 1]);
    const toItem = ({ scheduledFor, decision, runId, firedAt }: FireRow): Fire => ({
      decision,
      runId,
      scheduledFor: isoOf(scheduledFor),
      firedAt: isoOf(firedAt),
    });
    return { status: 200, body: pageOfRows(rows, limit, { toItem, keysOf: (row) => [row.cursor, ''] }) };
  },
});
