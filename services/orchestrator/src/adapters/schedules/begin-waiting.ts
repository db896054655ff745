import type { Transaction } from '@vigil/postgres';

const nextWaitingSql = `
  SELECT DISTINCT ON (r.schedule_id) r.run_id AS "runId" FROM orchestration.run r
  WHERE r.status = 'waiting' AND r.schedule_id IS NOT NULL AND ($1::text[] IS NULL OR r.schedule_id = ANY($1))
    AND NOT EXISTS (SELECT FROM orchestration.run o WHERE o.schedule_id = r.schedule_id AND o.status IN ('running', 'paused', 'cancelling')
      AND o.run_id <> ALL($2::uuid[]))
  ORDER BY r.schedule_id, r.created_at LIMIT 200`;

/**
 * The first run of each schedule that waits, where none of its schedule is open.
 *
 * @param scheduleIds  null = of every schedule
 * @param ended  runs that count as ended whatever their row says
 */
export async function findNextWaiting(
  transaction: Transaction,
  scheduleIds: readonly string[] | null,
  ended: readonly string[] = [],
): Promise<string[]> {
  const { rows } = await transaction.query<{ runId: string }>(nextWaitingSql, [scheduleIds, ended]);
  return rows.map(({ runId }) => runId);
}
