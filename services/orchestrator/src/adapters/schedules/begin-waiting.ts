import type { Transaction } from '@vigil/postgres';
import { unmetNeedsSql } from '../runs/unmet-needs.ts';

/** Runs of a schedule that lets them overlap, or of none, stand behind no other run: only what they need holds them. */
const nextWaitingSql = `
  WITH first AS (
    SELECT DISTINCT ON (queue) r.run_id, coalesce(CASE WHEN s.spec->>'overlap' IS DISTINCT FROM 'allow' THEN r.schedule_id END, r.run_id::text) AS queue
    FROM orchestration.run r LEFT JOIN orchestration.schedule s USING (schedule_id)
    WHERE r.status = 'waiting' AND ($1::text[] IS NULL OR r.schedule_id = ANY($1))
      AND (s.spec->>'overlap' = 'allow' OR NOT EXISTS (SELECT FROM orchestration.run o
        WHERE o.schedule_id = r.schedule_id AND o.status IN ('running', 'paused', 'cancelling') AND o.run_id <> ALL($2::uuid[])))
    ORDER BY queue, r.created_at),
  held AS (${unmetNeedsSql('first')})
  SELECT run_id AS "runId" FROM first WHERE run_id NOT IN (SELECT "runId" FROM held) LIMIT 200`;

/**
 * Waiting runs that may begin: the first of each schedule where none of it is open, those of no schedule, and of all these
 * only those whose needs are met.
 *
 * @param scheduleIds  null = of every schedule, and of none
 * @param ended  runs of these schedules that count as ended whatever their row says
 */
export async function findNextWaiting(
  transaction: Transaction,
  scheduleIds: readonly string[] | null,
  ended: readonly string[] = [],
): Promise<string[]> {
  const { rows } = await transaction.query<{ runId: string }>(nextWaitingSql, [scheduleIds, ended]);
  return rows.map(({ runId }) => runId);
}
