// Reports that their run cannot take for now stand among its timers, in their order, and are tried again with them.
import { randomUUID } from 'node:crypto';
import { hashId } from '@vigil/core';
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

/** Of these the last of a name is kept: a worker tells one each second, for as long as the run stands still. */
const progress = 'progress/';

/** Behind those that are kept already, which are tried at one time; else in a minute. */
const keepSql = `
  INSERT INTO orchestration.timer (run_id, timer, fires_at, key)
  SELECT $1, 'report/' || name, coalesce((SELECT max(fires_at) FROM orchestration.timer t WHERE t.run_id = $1 AND ${isReportSql('t.timer')}),
    statement_timestamp() + interval '1 minute') + place * interval '1 microsecond', key
  FROM jsonb_to_recordset($2::jsonb) AS k (name text, place integer, key jsonb)
  ON CONFLICT (run_id, timer) DO UPDATE SET fires_at = EXCLUDED.fires_at, key = orchestration.timer.key || EXCLUDED.key
  WHERE orchestration.timer.timer LIKE 'report/${progress}%'`;

const holdTimeoutsSql = `
  UPDATE orchestration.timer t SET fires_at = k.at + interval '1 second'
  FROM (SELECT max(fires_at) AS at FROM orchestration.timer WHERE run_id = $1 AND ${isReportSql('timer')}) k
  WHERE t.run_id = $1 AND t.timer LIKE 'timeout/%' AND t.fires_at <= k.at
    AND NOT EXISTS (SELECT FROM orchestration.run WHERE run_id = $1 AND status = 'cancelling')`;

/**
 * Puts the timeouts of parts behind the reports that are kept of their run: what is kept may tell that they ended in time. A
 * run that is being cancelled needs them to come to its end.
 */
export async function holdTimeouts(transaction: Transaction, runId: string): Promise<void> {
  await transaction.query({ name: 'hold-timeouts', text: holdTimeoutsSql, values: [runId] });
}

/** The last word of an attempt counts, and the last of each health: that it stalled stays told. A hash, as names of tasks may be too long for an index. */
const nameOf = ({ messageId, input }: StepInput): string => {
  if (input.kind !== 'progressed') return messageId ?? `${input.kind}/${randomUUID()}`;
  const { task, part, epoch, health } = input;
  return `${progress}${hashId(task, part, epoch, health ?? '')}`;
};

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
  const rows = kept.map((one, place) => {
    const key: TimerContent = { input: one.input, ...(code !== null && { code }) };
    return { name: nameOf(one), place: place + 1, key };
  });
  const last = [...new Map(rows.map((row) => [row.name, row])).values()];
  await transaction.query({ name: 'keep-reports', text: keepSql, values: [runId, JSON.stringify(last)] });
  await holdTimeouts(transaction, runId);
  return new Set(kept);
}
