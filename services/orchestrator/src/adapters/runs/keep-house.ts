import { toDatabaseError } from '@vigil/postgres';
import type pg from 'pg';
import type { PoolConfig } from '../../domain/runs/choose-parts.ts';
import { isReportSql } from './kept-reports.ts';

const poolSql = `
  INSERT INTO orchestration.pool AS p (pool, slots, cpu, memory_mib, io)
  SELECT pool, slots, cpu, "memoryMiB", io FROM jsonb_to_recordset($1::jsonb) AS c (pool text, slots integer, cpu real, "memoryMiB" integer, io real) ORDER BY pool
  ON CONFLICT (pool) DO UPDATE SET slots = EXCLUDED.slots, cpu = EXCLUDED.cpu, memory_mib = EXCLUDED.memory_mib, io = EXCLUDED.io,
    changed_at = clock_timestamp()
  WHERE (p.slots, p.cpu, p.memory_mib, p.io) IS DISTINCT FROM (EXCLUDED.slots, EXCLUDED.cpu, EXCLUDED.memory_mib, EXCLUDED.io)`;

/** Brings the sizes of the pools into force; a smaller pool takes nothing back, it hands out less. */
export async function ensurePools(pool: pg.Pool, pools: readonly PoolConfig[]): Promise<void> {
  try {
    await pool.query(poolSql, [JSON.stringify(pools)]);
  } catch (error) {
    throw toDatabaseError(error);
  }
}

/**
 * Repeats come within seconds: of a worker that was not told of an acknowledgement, and of the slice read anew after a crash.
 * The positions of the sink, in the transaction of its steps, keep older ones away; an epoch that is over does the rest.
 */
const inboxHours = 24;
const pruneSql = `
  DELETE FROM orchestration.inbox WHERE message_id = ANY(ARRAY(
    SELECT message_id FROM orchestration.inbox WHERE seen_at < clock_timestamp() - $1 * interval '1 hour' ORDER BY seen_at LIMIT $2))`;
/** A turn ends in bounded time; at 500 reports a second a minute leaves 30,000. */
const mostBatches = 100;

/** Forgets messages that do not come again, in batches until one is not full. @returns how many, and whether there may be more */
export async function pruneInbox(
  pool: pg.Pool,
  atOnce: number,
  most = mostBatches,
): Promise<{ readonly pruned: number; readonly next: 'again' | 'rest' }> {
  let pruned = 0;
  try {
    for (let batch = 0; batch < most; batch++) {
      const count = (await pool.query(pruneSql, [inboxHours, atOnce])).rowCount ?? 0;
      pruned += count;
      if (count < atOnce) return { pruned, next: 'rest' };
    }
  } catch (error) {
    throw toDatabaseError(error);
  }
  return { pruned, next: 'again' };
}

/** Forgets runs that ended long ago, with their history, and old fires. @returns how many, of whichever there were more */
export async function forgetRuns(pool: pg.Pool, days: number, atOnce: number): Promise<number> {
  try {
    const { rows } = await pool.query<{ forgotten: number }>('SELECT orchestration.forget_runs($1, $2) AS forgotten', [days, atOnce]);
    return rows[0]?.forgotten ?? 0;
  } catch (error) {
    throw toDatabaseError(error);
  }
}

/** Each start of a worker has a name of its own. */
const forgetWorkersSql = `DELETE FROM orchestration.worker WHERE seen_at < clock_timestamp() - interval '1 day'`;

/** Forgets workers that left: every look for a living one reads them all. */
export async function forgetWorkers(pool: pg.Pool): Promise<void> {
  try {
    await pool.query(forgetWorkersSql);
  } catch (error) {
    throw toDatabaseError(error);
  }
}

/** How much waits, for metrics. */
export interface Backlog {
  readonly pools: readonly { readonly pool: string; readonly queued: number; readonly oldestMs: number; readonly slotsTaken: number }[];
  readonly openRuns: number;
  readonly outbox: number;
  /** How long the oldest claim of the outbox is over: what nobody publishes. */
  readonly outboxOverdueMs: number;
  /** Reports that their runs cannot take for now. */
  readonly keptReports: number;
}

const backlogSql = `
  SELECT p.pool, q.queued, q.oldest AS "oldestMs", s.slots AS "slotsTaken" FROM orchestration.pool p,
    LATERAL (SELECT count(*)::integer AS queued, coalesce(max(extract(epoch FROM clock_timestamp() - queued_at) * 1000), 0)::bigint AS oldest
      FROM orchestration.task_run WHERE pool = p.pool AND state = 'queued') q,
    LATERAL (SELECT coalesce(sum(slots), 0)::integer AS slots FROM orchestration.pool_slot WHERE pool = p.pool) s
  ORDER BY 1`;
const totalsSql = `
  SELECT (SELECT count(*)::integer FROM orchestration.run WHERE status IN ('waiting', 'running', 'paused', 'cancelling')) AS "openRuns", count(*)::integer AS outbox,
    (SELECT count(*)::integer FROM orchestration.timer WHERE ${isReportSql('timer')}) AS "keptReports",
    greatest(0, coalesce(max(extract(epoch FROM clock_timestamp() - claimed_until) * 1000), 0))::bigint AS "outboxOverdueMs"
  FROM orchestration.outbox`;

export async function readBacklog(pool: pg.Pool): Promise<Backlog> {
  try {
    const pools = await pool.query<Backlog['pools'][number]>(backlogSql);
    const totals = await pool.query<Omit<Backlog, 'pools'>>(totalsSql);
    return { pools: pools.rows, ...(totals.rows[0] as Omit<Backlog, 'pools'>) };
  } catch (error) {
    throw toDatabaseError(error);
  }
}
