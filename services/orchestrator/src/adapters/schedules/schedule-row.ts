import type { Transaction } from '@vigil/postgres';
import type { OpenRun } from '@vigil/workflows';
import type { KeptDefinition } from '../../domain/schedules/schedule.ts';

/** A schedule that is locked for a decision. */
export interface ScheduleRow {
  readonly scheduleId: string;
  readonly workflow: string;
  /** In force. */
  readonly version: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly spec: KeptDefinition;
  readonly consideredUntilMs: number;
}

/** Milliseconds since the epoch of a timestamptz. */
export const msOf = (expression: string): string => `floor(extract(epoch FROM ${expression}) * 1000)::bigint`;

/** The timestamptz of milliseconds since the epoch. */
export const fromMs = (expression: string): string => `to_timestamp(${expression}::bigint / 1000.0)`;

/** The database's clock: the only one that decides, whatever the clocks of the machines say. */
export async function readClock(transaction: Transaction): Promise<number> {
  const { rows } = await transaction.query<{ nowMs: number }>(`SELECT ${msOf('clock_timestamp()')} AS "nowMs"`);
  return (rows[0] as { nowMs: number }).nowMs;
}

const openRunsSql = `
  SELECT schedule_id AS "scheduleId", run_id AS "runId", CASE status WHEN 'waiting' THEN 'waiting' ELSE 'running' END AS status
  FROM orchestration.run WHERE schedule_id = ANY($1) AND status IN ('waiting', 'running', 'paused', 'cancelling') ORDER BY created_at`;

/** Runs of each schedule that have not ended, oldest first. */
export async function readOpenRuns(transaction: Transaction, scheduleIds: readonly string[]): Promise<ReadonlyMap<string, OpenRun[]>> {
  const { rows } = await transaction.query<OpenRun & { readonly scheduleId: string }>(openRunsSql, [scheduleIds]);
  return Map.groupBy(rows, ({ scheduleId }) => scheduleId);
}
