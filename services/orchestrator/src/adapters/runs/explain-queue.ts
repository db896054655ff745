import type { Transaction } from '@vigil/postgres';
import type { Capacity } from '../../domain/runs/choose-parts.ts';

/** Rewriting why a thousand parts wait costs more than knowing it is worth. */
const atMost = 1000;
/** Who holds a full pool changes all the time: a name that is younger is left. */
const keepNameMs = 5_000;

/**
 * Why each queued part is not handed out: no worker, larger than the pool, no room (held by whoever has held longest), or
 * others go first (the one that is next). What changed since it was read is left: a run that was paused meanwhile stays so.
 */
const explainSql = `
  WITH free AS (
    SELECT $3::integer - coalesce(sum(slots), 0) AS slots, $4::real - coalesce(sum(cpu), 0) AS cpu, $5::integer - coalesce(sum(memory_mib), 0) AS memory_mib,
      $6::real - coalesce(sum(io), 0) AS io
    FROM orchestration.pool_slot WHERE pool = $1
  ), holder AS (
    SELECT t.workflow || '/' || s.task || ' of run ' || s.run_id AS name
    FROM orchestration.pool_slot s JOIN orchestration.task_run t USING (run_id, task, part) WHERE s.pool = $1 ORDER BY s.taken_at LIMIT 1
  ), head AS (
    SELECT t.workflow || '/' || t.task || ' of run ' || t.run_id AS name
    FROM orchestration.task_run t WHERE t.pool = $1 AND t.state = 'queued' AND t.blocked_reason IS DISTINCT FROM 'run_paused'
    ORDER BY t.priority DESC, t.queued_at LIMIT 1
  ), told AS (
    SELECT t.run_id, t.task, t.part, CASE
        WHEN NOT $2::boolean THEN 'no_worker'
        WHEN t.slots > $3 OR t.cpu > $4 OR t.memory_mib > $5 OR t.io > $6 THEN 'too_large'
        WHEN t.slots > free.slots OR t.cpu > free.cpu + 1e-4 OR t.memory_mib > free.memory_mib OR t.io > free.io + 1e-4 THEN 'pool_full'
        ELSE 'behind_others' END AS reason,
      t.blocked_reason, t.blocked_by, t.changed_at
    FROM orchestration.task_run t, free WHERE t.pool = $1 AND t.state = 'queued' AND t.blocked_reason IS DISTINCT FROM 'run_paused'
  ), named AS (
    SELECT run_id, task, part, reason, CASE reason WHEN 'pool_full' THEN coalesce((SELECT name FROM holder), '')
      WHEN 'behind_others' THEN coalesce((SELECT name FROM head), '') ELSE $1 END AS name, blocked_reason, blocked_by, changed_at
    FROM told
  ), stale AS (
    SELECT t.run_id, t.task, t.part, n.reason, n.name FROM named n JOIN orchestration.task_run t USING (run_id, task, part)
    WHERE (n.blocked_reason IS DISTINCT FROM n.reason
      OR (n.blocked_by IS DISTINCT FROM n.name AND n.changed_at < clock_timestamp() - $7 * interval '1 millisecond'))
      AND t.blocked_reason IS NOT DISTINCT FROM n.blocked_reason
    LIMIT $8 FOR UPDATE OF t SKIP LOCKED
  )
  UPDATE orchestration.task_run t SET blocked_reason = s.reason, blocked_by = s.name, changed_at = clock_timestamp()
  FROM stale s WHERE t.run_id = s.run_id AND t.task = s.task AND t.part = s.part AND t.state = 'queued'`;

/** Writes beside each queued part of a pool why it waits. @returns of how many it was not as written */
export async function explainQueue(
  transaction: Transaction,
  pool: string,
  { hasWorker, total }: { readonly hasWorker: boolean; readonly total: Capacity },
): Promise<number> {
  const values = [pool, hasWorker, total.slots, total.cpu, total.memoryMiB, total.io, keepNameMs, atMost];
  return (await transaction.query({ name: 'explain-queue', text: explainSql, values })).rowCount ?? 0;
}
