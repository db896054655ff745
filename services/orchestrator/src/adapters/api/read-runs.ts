import type pg from 'pg';
import { ApiProblem } from '../../api/problem.ts';
import type { Handlers } from '../../api/routes.ts';
import { explainRun } from '../../domain/why/explain-run.ts';
import { explainTask } from '../../domain/why/explain-task.ts';
import { isReportSql } from '../runs/kept-reports.ts';
import { readUnmetNeeds } from '../runs/unmet-needs.ts';
import { byNumber, byTime, pageOfRows, readCursor } from './page-cursor.ts';
import { isoOf, runColumns, taskColumns, toRun, toTask, type Row, type Run, type RunRow, type TaskRun } from './run-rows.ts';

const openStatuses = ['waiting', 'running', 'paused', 'cancelling'];

const listSql = `
  SELECT ${runColumns} FROM orchestration.run r
  WHERE ($1::text IS NULL OR r.workflow = $1) AND ($2::text[] IS NULL OR r.status = ANY($2)) AND ($3::text IS NULL OR r.trigger = $3)
    AND ($4::text IS NULL OR r.schedule_id = $4) AND ($5::uuid IS NULL OR r.parent_run_id = $5) AND ($6::timestamptz IS NULL OR r.created_at >= $6)
    AND ($7::timestamptz IS NULL OR (r.created_at, r.run_id) < ($7, $8::uuid))
  ORDER BY r.created_at DESC, r.run_id DESC LIMIT $9`;

const showSql = `
  SELECT ${runColumns}, r.parameters, r.trigger_detail AS "triggerDetail" FROM orchestration.run r WHERE r.run_id = $1`;

/** Tasks as their plan orders them; parts by number. */
const tasksSql = `
  SELECT t.run_id AS "runId", ${taskColumns} FROM orchestration.task_run t
  JOIN orchestration.run r USING (run_id)
  JOIN orchestration.definition d ON d.workflow = r.workflow AND d.version = r.version
  LEFT JOIN LATERAL (SELECT at FROM jsonb_array_elements(d.plan->'tasks') WITH ORDINALITY AS planned(task, at)
    WHERE planned.task->>'name' = t.task) place ON true
  WHERE t.run_id = ANY($1::uuid[]) ORDER BY t.run_id, place.at NULLS LAST, t.task, t.part`;

const treeSql = `
  WITH RECURSIVE tree AS (
    SELECT run_id, 0 AS depth, ARRAY[created_at::text || run_id::text] AS place FROM orchestration.run WHERE run_id = $1
    UNION ALL
    SELECT c.run_id, tree.depth + 1, tree.place || (c.created_at::text || c.run_id::text)
    FROM orchestration.run c JOIN tree ON c.parent_run_id = tree.run_id WHERE tree.depth < 20)
  SELECT ${runColumns}, tree.depth FROM tree JOIN orchestration.run r USING (run_id) ORDER BY tree.place LIMIT 1000`;

const eventsSql = `
  SELECT seq, at, version, input, ignored FROM orchestration.run_event
  WHERE run_id = $1 AND ($2::bigint IS NULL OR seq > $2) ORDER BY seq LIMIT $3`;

/** What holds a run that is queued: the open run of its schedule. */
const holderSql = `
  SELECT o.run_id AS "runId", o.status FROM orchestration.run r JOIN orchestration.run o ON o.schedule_id = r.schedule_id AND o.run_id <> r.run_id
  WHERE r.run_id = $1 AND o.status IN ('running', 'paused', 'cancelling') ORDER BY o.created_at LIMIT 1`;

const pauseSql = `
  SELECT input->>'by' AS by, input->>'reason' AS reason FROM orchestration.run_event
  WHERE run_id = $1 AND input->>'kind' = 'pause' AND ignored IS NULL ORDER BY seq DESC LIMIT 1`;

const keptSql = `
  SELECT count(*)::integer AS count, coalesce(min(key->>'code'), 'UNKNOWN') AS code FROM orchestration.timer
  WHERE run_id = $1 AND ${isReportSql('timer')} HAVING count(*) > 0`;

type RunReads = Pick<Handlers, 'listRuns' | 'showRun' | 'showTree' | 'listEvents' | 'explainRun'>;
type DetailRow = RunRow & { readonly parameters: Record<string, unknown>; readonly triggerDetail: Record<string, unknown> };

/** @throws ApiProblem RUN_UNKNOWN */
export async function readRun(database: pg.Pool | pg.PoolClient, runId: string): Promise<DetailRow> {
  const { rows } = await database.query<DetailRow>(showSql, [runId]);
  if (rows[0] === undefined) throw new ApiProblem('RUN_UNKNOWN', runId);
  return rows[0];
}

async function readTasks(pool: pg.Pool, runIds: readonly string[]): Promise<ReadonlyMap<string, TaskRun[]>> {
  const { rows } = await pool.query<Row<TaskRun> & { readonly runId: string }>(tasksSql, [runIds]);
  const tasks = new Map<string, TaskRun[]>(runIds.map((runId) => [runId, []]));
  for (const { runId, ...task } of rows) tasks.get(runId)?.push(toTask(task));
  return tasks;
}

interface EventRow {
  readonly seq: number;
  readonly at: Date;
  readonly version: number;
  readonly input: { readonly kind: string };
  readonly ignored: string | null;
}

async function whyRunWaits(pool: pg.Pool, run: Run): Promise<string | null> {
  const { rows: holders } =
    run.status === 'waiting' ? await pool.query<{ runId: string; status: string }>(holderSql, [run.runId]) : { rows: [] };
  const { rows: pauses } = run.status === 'paused' ? await pool.query<{ by: string; reason: string }>(pauseSql, [run.runId]) : { rows: [] };
  const needs = run.status === 'waiting' ? await readUnmetNeeds(pool, [run.runId]) : [];
  const { rows: kept } = await pool.query<{ count: number; code: string }>(keptSql, [run.runId]);
  return explainRun(run.status, { holder: holders[0] ?? null, needs, pause: pauses[0] ?? null, kept: kept[0] ?? null });
}

const over: readonly string[] = ['running', 'succeeded', 'failed', 'fell-back', 'skipped', 'cancelled'];

/** What does not run, and what is said to run but only waits for a run that it started. */
const whatWaits = (tasks: readonly TaskRun[]): TaskRun[] =>
  tasks.filter(({ state, blockedReason }) => !over.includes(state) || (state === 'running' && blockedReason !== null));

/** What the API shows of runs. */
export const readRuns = (pool: pg.Pool): RunReads => ({
  listRuns: async ({ query }) => {
    const { workflow, status, trigger, scheduleId, parentRunId, since, limit } = query;
    const statuses = status === 'open' ? openStatuses : status && [status];
    const { rows } = await pool.query<RunRow>(listSql, [
      workflow ?? null,
      statuses ?? null,
      trigger ?? null,
      scheduleId ?? null,
      parentRunId ?? null,
      since ?? null,
      ...readCursor(query.cursor, byTime),
      limit + 1,
    ]);
    return { status: 200, body: pageOfRows(rows, limit, { toItem: toRun, keysOf: ({ cursor, runId }) => [cursor, runId] }) };
  },
  showRun: async ({ params: { runId } }) => {
    const row = await readRun(pool, runId);
    const tasks = (await readTasks(pool, [runId])).get(runId) ?? [];
    return { status: 200, body: { ...toRun(row), parameters: row.parameters, triggerDetail: row.triggerDetail, tasks } };
  },
  showTree: async ({ params: { runId } }) => {
    const { rows } = await pool.query<RunRow & { readonly depth: number }>(treeSql, [runId]);
    if (rows.length === 0) throw new ApiProblem('RUN_UNKNOWN', runId);
    const tasks = await readTasks(
      pool,
      rows.map((row) => row.runId),
    );
    return { status: 200, body: { runs: rows.map((row) => ({ ...toRun(row), depth: row.depth, tasks: tasks.get(row.runId) ?? [] })) } };
  },
  listEvents: async ({ params: { runId }, query }) => {
    await readRun(pool, runId);
    const [after] = readCursor(query.cursor, byNumber);
    const { rows } = await pool.query<EventRow>(eventsSql, [runId, after, query.limit + 1]);
    const toItem = ({ at, input, ...row }: EventRow) => ({ ...row, at: isoOf(at), kind: input.kind, input: { ...input } });
    return { status: 200, body: pageOfRows(rows, query.limit, { toItem, keysOf: ({ seq }) => [String(seq), ''] }) };
  },
  explainRun: async ({ params: { runId } }) => {
    const run = toRun(await readRun(pool, runId));
    const tasks = whatWaits((await readTasks(pool, [runId])).get(runId) ?? []);
    const waiting = tasks.map((task) => ({
      task: task.task,
      part: task.part,
      state: task.state,
      reason: task.blockedReason ?? task.state,
      sentence: explainTask(task),
    }));
    return { status: 200, body: { runId, status: run.status, waiting, sentence: await whyRunWaits(pool, run) } };
  },
});
