import { inTransaction } from '@vigil/postgres';
import type pg from 'pg';

/** Whatever is under way keeps its incident, however old. */
const overSql = `
  SELECT i.incident_id FROM alerting.incident i
  WHERE i.state IN ('recorded', 'resolved') AND i.changed_at < clock_timestamp() - $1 * interval '1 day'
    AND NOT EXISTS (SELECT FROM alerting.outbox o WHERE o.episode = i.incident_id AND o.state IN ('pending', 'sending'))
  ORDER BY i.changed_at LIMIT $2 FOR UPDATE SKIP LOCKED`;

const deletions = [
  `DELETE FROM alerting.delivery_attempt a USING alerting.outbox o WHERE a.outbox_id = o.id AND o.episode = ANY($1)`,
  `DELETE FROM alerting.outbox WHERE episode = ANY($1)`,
  `DELETE FROM alerting.incident_event WHERE incident_id = ANY($1)`,
  `DELETE FROM alerting.incident WHERE incident_id = ANY($1)`,
];

/** Deletes at most `limit` incidents that have been over for `retentionDays`, with their messages, attempts and timeline. @returns how many */
export const pruneIncidents = (pool: pg.Pool, retentionDays: number, limit: number): Promise<number> =>
  inTransaction(pool, async (transaction) => {
    const { rows } = await transaction.query<{ incident_id: string }>(overSql, [retentionDays, limit]);
    const ids = rows.map(({ incident_id }) => incident_id);
    if (ids.length > 0) for (const sql of deletions) await transaction.query(sql, [ids]);
    return ids.length;
  });
