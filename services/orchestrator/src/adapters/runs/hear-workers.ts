import { workflowPools, type TaskReported } from '@vigil/contracts';
import { toDatabaseError } from '@vigil/postgres';
import type pg from 'pg';

interface Held {
  readonly runId: string;
  readonly task: string;
  readonly part: number;
  readonly epoch: number;
  readonly leaseMs: number;
}

const renewSql = `
  WITH held AS (
    SELECT DISTINCT ON (t.run_id, t.task, t.part) t.run_id, t.task, t.part, h.lease_ms
    FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::bigint[]) AS h (run_id, task, part, epoch, lease_ms)
    JOIN orchestration.task_run t ON t.run_id::text = h.run_id AND t.task = h.task AND t.part = h.part AND t.epoch = h.epoch
    WHERE t.state IN ('requested', 'running', 'stopping')
  ), free AS (
    SELECT t.run_id, t.task, t.part, h.lease_ms FROM held h JOIN orchestration.task_run t USING (run_id, task, part) FOR UPDATE OF t SKIP LOCKED
  )
  UPDATE orchestration.task_run t SET lease_until = CASE WHEN f.lease_ms = 0 THEN clock_timestamp()
    ELSE greatest(t.lease_until, clock_timestamp() + f.lease_ms * interval '1 millisecond') END
  FROM free f WHERE t.run_id = f.run_id AND t.task = f.task AND t.part = f.part`;

const seenSql = `
  INSERT INTO orchestration.worker (worker, pool) SELECT worker, pool FROM unnest($1::text[], $2::text[]) AS w (worker, pool) ORDER BY 1, 2
  ON CONFLICT (worker, pool) DO UPDATE SET seen_at = clock_timestamp()
  WHERE worker.seen_at < clock_timestamp() - interval '1 second'`;

/** A worker's name begins with its pools: `default+batch@host/…`. */
const poolsOf = (worker: string): readonly string[] => {
  const named = worker.split('@', 1)[0]?.split('+') ?? [];
  return workflowPools.filter((pool) => named.includes(pool));
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const heldOf = ({ leases, leaseMs }: TaskReported, maxLeaseMs: number): Held[] =>
  leases.filter(({ runId }) => uuid.test(runId)).map((lease) => ({ ...lease, leaseMs: Math.min(leaseMs, maxLeaseMs) }));

/**
 * Renews leases (or ends those that a worker gives back with 0 ms) and remembers who was heard of. In statements of their own,
 * before the steps: told twice does no harm, and a transaction that holds the locks of some runs must not ask for rows of
 * others.
 *
 * @throws VigilError of the database; ROW_REFUSED where a report holds what PostgreSQL cannot
 */
export async function hearWorkers(pool: pg.Pool, reports: readonly TaskReported[], maxLeaseMs: number): Promise<void> {
  const names = [...new Set(reports.map(({ worker }) => worker))];
  const workers = names.flatMap((worker) => poolsOf(worker).map((own) => [worker, own] as const));
  const values = [workers.map(([worker]) => worker), workers.map(([, own]) => own)];
  const ask = (name: string, text: string, given: readonly unknown[]): Promise<unknown> =>
    pool.query({ name, text, values: [...given] }).catch((error: unknown) => {
      throw toDatabaseError(error);
    });
  if (workers.length > 0) await ask('workers-seen', seenSql, values);
  const held = reports.filter(({ kind }) => kind === 'heartbeat').flatMap((report) => heldOf(report, maxLeaseMs));
  if (held.length === 0) return;
  const columns = [
    held.map(({ runId }) => runId),
    held.map(({ task }) => task),
    held.map(({ part }) => part),
    held.map(({ epoch }) => epoch),
    held.map(({ leaseMs }) => leaseMs),
  ];
  await ask('renew-leases', renewSql, columns);
}
