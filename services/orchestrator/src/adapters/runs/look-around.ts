import { toDatabaseError } from '@vigil/postgres';
import type { WorkflowPool } from '@vigil/contracts';
import type pg from 'pg';

/** What waits, whoever left it there. */
export interface Waiting {
  /** Pools with queued parts. */
  readonly pools: readonly WorkflowPool[];
  /** Inputs of runs are due. */
  readonly hasDue: boolean;
  /** Messages are left over that nobody publishes. */
  readonly hasLeftOver: boolean;
}

const lookSql = `
  SELECT ARRAY(SELECT pool FROM orchestration.pool p
      WHERE EXISTS (SELECT FROM orchestration.task_run t WHERE t.pool = p.pool AND t.state = 'queued')) AS pools,
    EXISTS (SELECT FROM orchestration.timer WHERE fires_at <= statement_timestamp()) AS "hasDue",
    EXISTS (SELECT FROM orchestration.outbox WHERE claimed_until IS NULL OR claimed_until < statement_timestamp()) AS "hasLeftOver"`;

/** One statement, by the indexes of queues and timers and the outbox, which is all but empty: it is asked several times a second, and mostly in vain. */
export async function lookAround(pool: pg.Pool): Promise<Waiting> {
  try {
    const { rows } = await pool.query<Waiting>({ name: 'look-around', text: lookSql });
    return rows[0] as Waiting;
  } catch (error) {
    throw toDatabaseError(error);
  }
}

const leasedSql = `
  SELECT EXISTS (SELECT FROM orchestration.task_run WHERE state IN ('requested', 'running', 'stopping') AND lease_until IS NOT NULL) AS leased`;

/** Whether any attempt is with a worker: else nobody can fall silent. */
export async function hasLeased(pool: pg.Pool): Promise<boolean> {
  try {
    return (await pool.query<{ leased: boolean }>({ name: 'leased', text: leasedSql })).rows[0]?.leased === true;
  } catch (error) {
    throw toDatabaseError(error);
  }
}
