// Reports that their run cannot take for now stand among its timers, in their order, and are tried again with them.
import { randomUUID } from 'node:crypto';
import { toDatabaseError, type Transaction } from '@vigil/postgres';
import type pg from 'pg';
import type { StepInput } from '../../domain/runs/run-store.ts';
import { takeIn } from './run-rows.ts';
import type { TimerContent } from './wait-rows.ts';

/** The name of a timer that is a kept report, in SQL. */
export const isReportSql = (timer: string): string => `${timer} LIKE 'report/%'`;

const keepsSql = `SELECT EXISTS (SELECT FROM orchestration.timer WHERE run_id = $1 AND ${isReportSql('timer')}) AS keeps`;

/** Whether reports of a run are kept, the run being locked: what it is told now stands behind those. */
export async function keepsReports(transaction: Transaction, runId: string): Promise<boolean> {
  const { rows } = await transaction.query<{ keeps: boolean }>({ name: 'keeps', text: keepsSql, values: [runId] });
  return rows[0]?.keeps === true;
}

/** All runs of which reports are kept. */
export async function readKeeping(pool: pg.Pool): Promise<readonly string[]> {
  try {
    const sql = `SELECT DISTINCT run_id AS "runId" FROM orchestration.timer WHERE ${isReportSql('timer')}`;
    return (await pool.query<{ runId: string }>(sql)).rows.map(({ runId }) => runId);
  } catch (error) {
    throw toDatabaseError(error);
  }
}

/** Whoever puts kept reports off, or takes them, holds the same lock: what is kept meanwhile would come before them. */
export async function lockRun(transaction: Transaction, runId: string): Promise<void> {
  await transaction.query({ name: 'lock-run', text: 'SELECT FROM orchestration.run WHERE run_id = $1 FOR UPDATE', values: [runId] });
}

/** Behind those that are kept already, which are tried at one time; else in a minute. */
const keepSql = `
  INSERT INTO orchestration.timer (run_id, timer, fires_at, key)
  SELECT $1, 'report/' || name, coalesce((SELECT max(fires_at) FROM orchestration.timer t WHERE t.run_id = $1 AND ${isReportSql('t.timer')}),
    statement_timestamp() + interval '1 minute') + place * interval '1 microsecond', key
  FROM jsonb_to_recordset($2::jsonb) AS k (name text, place integer, key jsonb)
  ON CONFLICT (run_id, timer) DO NOTHING`;

interface Kept {
  readonly runId: string;
  readonly inputs: readonly StepInput[];
  /** Why the run did not take them; null = others of it are kept. */
  readonly code: string | null;
}

/**
 * Keeps reports of a run that is locked; of those that were told before, nothing.
 *
 * @returns those that are kept, the others were told before
 * @throws VigilError ROW_REFUSED where a report holds what PostgreSQL cannot
 */
export async function keepReports(transaction: Transaction, { runId, inputs, code }: Kept): Promise<ReadonlySet<StepInput>> {
  const fresh = new Set(
    await takeIn(
      transaction,
      inputs.flatMap(({ messageId }) => messageId ?? []),
    ),
  );
  const kept = inputs.filter(({ messageId }) => messageId === null || fresh.delete(messageId));
  const rows = kept.map(({ messageId, input }, place) => {
    const key: TimerContent = { input, ...(code !== null && { code }) };
    return { name: messageId ?? `${input.kind}/${randomUUID()}`, place: place + 1, key };
  });
  await transaction.query({ name: 'keep-reports', text: keepSql, values: [runId, JSON.stringify(rows)] });
  return new Set(kept);
}
