import type { Transaction } from '@vigil/postgres';
import type { DefinitionHooks } from '../../domain/runs/definition-store.ts';

const switchSql = `
  UPDATE orchestration.schedule SET enabled = $2, changed_by = $3, changed_at = clock_timestamp() WHERE schedule_id = $1 AND enabled <> $2`;

/** What the clock fires is looked at right away: times since considered_until are caught up as the schedule says. */
const lookAtSql = `
  UPDATE orchestration.schedule SET next_fire_at = clock_timestamp()
  WHERE kind IN ('cron', 'interval', 'continuous') AND (schedule_id = $1 OR workflow = $2)`;

/** What happened meanwhile triggers nothing: reading begins at the end again. */
const forgetPositionsSql = `
  DELETE FROM orchestration.trigger_position WHERE schedule_id IN (
    SELECT schedule_id FROM orchestration.schedule WHERE schedule_id = $1 OR workflow = $2)`;

async function lookAgain(transaction: Transaction, scheduleId: string | null, workflow: string | null): Promise<void> {
  await transaction.query(lookAtSql, [scheduleId, workflow]);
  await transaction.query(forgetPositionsSql, [scheduleId, workflow]);
}

export interface ScheduleSwitch {
  readonly scheduleId: string;
  readonly enabled: boolean;
  readonly by: string;
}

/** Enables or disables a schedule; nothing where it is so already. */
export async function switchSchedule(transaction: Transaction, { scheduleId, enabled, by }: ScheduleSwitch): Promise<void> {
  const { rowCount } = await transaction.query(switchSql, [scheduleId, enabled, by]);
  if (enabled && rowCount === 1) await lookAgain(transaction, scheduleId, null);
}

/** A workflow that is enabled again has its schedules looked at. */
export const hearSwitch: NonNullable<DefinitionHooks<Transaction>['switched']> = async (transaction, { workflow, enabled }) => {
  if (enabled) await lookAgain(transaction, null, workflow);
};
