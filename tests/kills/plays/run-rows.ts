import type { RunInput } from '@vigil/workflows';
import type { Ground } from '../ground.ts';
import { until } from './until.ts';

type Asking = Pick<Ground, 'query'>;

export interface RunRow {
  readonly runId: string;
  readonly status: string;
  readonly version: number;
  readonly scheduledForMs: number | null;
}

const runSql = `SELECT run_id AS "runId", status, version, (extract(epoch FROM scheduled_for) * 1000)::double precision AS "scheduledForMs",
  ended_at IS NOT NULL AS "isEnded" FROM orchestration.run`;

/** All runs of a workflow. */
export const runsOf = ({ query }: Asking, workflow: string): Promise<RunRow[]> =>
  query<RunRow>(`${runSql} WHERE workflow = $1 ORDER BY created_at`, [workflow]);

/** The run once it has ended as it should; the last status it was seen in is in the error. */
export async function endsAs({ query }: Asking, runId: string, status: string): Promise<void> {
  let seen = 'nothing';
  await until(`run ${runId} is ${status}`, async () => {
    const [run] = await query<RunRow & { isEnded: boolean }>(`${runSql} WHERE run_id = $1`, [runId]);
    seen = run?.status ?? seen;
    return run?.isEnded ? run : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}, but ${seen}`);
  });
  if (seen !== status) throw new Error(`run ${runId} ended as ${seen} instead of ${status}`);
}

export interface TaskRow {
  readonly task: string;
  readonly state: string;
  readonly epoch: number;
  readonly health: string | null;
  readonly childRunId: string | null;
}

const taskSql = `SELECT task, state, epoch::int, health, child_run_id AS "childRunId" FROM orchestration.task_run WHERE run_id = $1 ORDER BY task`;

export const tasksOf = ({ query }: Asking, runId: string): Promise<TaskRow[]> => query<TaskRow>(taskSql, [runId]);

/** How often each kind of input counted in the history of a run. */
export async function inputsOf({ query }: Asking, runId: string): Promise<Partial<Record<RunInput['kind'], number>>> {
  const rows = await query<{ kind: string; count: number }>(
    `SELECT input->>'kind' AS kind, count(*)::int AS count FROM orchestration.run_event WHERE run_id = $1 AND ignored IS NULL GROUP BY 1`,
    [runId],
  );
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}

/** What must not be there once runs have ended: slots, leases, timers. In a sentence each. */
export async function leftOver({ query }: Asking, runIds: readonly string[]): Promise<string[]> {
  const tables = { pool_slot: '', timer: '', task_run: ` AND state IN ('queued', 'requested', 'running', 'stopping', 'backing-off')` };
  const found = await Promise.all(
    Object.entries(tables).map(async ([table, more]) => {
      const rows = await query<{ count: number }>(
        `SELECT count(*)::int AS count FROM orchestration.${table} WHERE run_id = ANY($1::uuid[])${more}`,
        [runIds],
      );
      return [table, rows[0]?.count ?? 0] as const;
    }),
  );
  return found.flatMap(([table, count]) => (count > 0 ? [`${count} rows of ${table} are left over`] : []));
}

/** Every attempt that a run believes ended once: as many `succeeded` of a part's last epoch as there are parts that did. */
export async function doubled({ query }: Asking, runId: string): Promise<string[]> {
  const rows = await query<{ task: string; epoch: string; count: number }>(
    `SELECT input->>'task' AS task, input->>'epoch' AS epoch, count(*)::int AS count FROM orchestration.run_event
     WHERE run_id = $1 AND ignored IS NULL AND input->>'kind' IN ('succeeded', 'failed', 'stopped', 'lost')
     GROUP BY 1, 2, input->>'part' HAVING count(*) > 1`,
    [runId],
  );
  return rows.map(({ task, epoch, count }) => `${task} ended ${count} times in epoch ${epoch}`);
}
