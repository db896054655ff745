import type { Transaction } from '@vigil/postgres';
import type pg from 'pg';
import type { UnmetNeed } from '../../domain/why/explain-run.ts';

/**
 * What holds runs that wait for other workflows, a row for each need that is not met. A need is met when no run of the
 * workflow is open and the last one succeeded; of a continuous workflow, when its run is running.
 *
 * @param runs  query of the runs asked about, or a table, with a column run_id
 */
export const unmetNeedsSql = (runs: string): string => `
  SELECT r.run_id AS "runId", n.workflow, kind.continuous AS "isContinuous", coalesce(open.run_id, last.run_id) AS "holderId",
    coalesce(open.status, last.status) AS status
  FROM ${runs} asked JOIN orchestration.run r ON r.run_id = asked.run_id
  JOIN orchestration.definition d ON d.workflow = r.workflow AND d.version = r.version
  CROSS JOIN LATERAL jsonb_array_elements_text(d.plan->'needs') AS n(workflow)
  CROSS JOIN LATERAL (SELECT coalesce(bool_or((p.plan->>'continuous')::boolean), false) AS continuous
    FROM orchestration.workflow w JOIN orchestration.definition p USING (workflow, version) WHERE w.workflow = n.workflow) kind
  LEFT JOIN LATERAL (SELECT o.run_id, o.status FROM orchestration.run o
    WHERE o.workflow = n.workflow AND o.status IN ('waiting', 'running', 'paused', 'cancelling')
    ORDER BY o.status <> 'running', o.created_at LIMIT 1) open ON true
  LEFT JOIN LATERAL (SELECT l.run_id, l.status FROM orchestration.run l
    WHERE l.workflow = n.workflow AND l.status IN ('succeeded', 'failed', 'cancelled') ORDER BY l.created_at DESC LIMIT 1) last ON true
  WHERE r.status = 'waiting' AND CASE WHEN kind.continuous THEN open.status IS DISTINCT FROM 'running'
    ELSE open.run_id IS NOT NULL OR last.status IS DISTINCT FROM 'succeeded' END`;

const ofRunsSql = `${unmetNeedsSql('(SELECT unnest($1::uuid[]) AS run_id)')} ORDER BY n.workflow`;

/** Of waiting runs: what each waits for; none of a run whose needs are met. */
export async function readUnmetNeeds(
  database: Pick<Transaction | pg.Pool, 'query'>,
  runIds: readonly string[],
): Promise<readonly (UnmetNeed & { readonly runId: string })[]> {
  if (runIds.length === 0) return [];
  const { rows } = await database.query<UnmetNeed & { readonly runId: string }>(ofRunsSql, [runIds]);
  return rows;
}

const neededSql = `
  SELECT EXISTS (SELECT FROM orchestration.run r JOIN orchestration.definition d USING (workflow, version)
    WHERE r.status = 'waiting' AND d.plan->'needs' ?| $1::text[]) AS "isNeeded"`;

/** Whether a run waits for one of these workflows. */
export async function isNeeded(transaction: Transaction, workflows: readonly string[]): Promise<boolean> {
  const { rows } = await transaction.query<{ isNeeded: boolean }>({ name: 'is-needed', text: neededSql, values: [workflows] });
  return rows[0]?.isNeeded === true;
}
