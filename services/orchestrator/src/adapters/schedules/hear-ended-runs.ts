import { toDatabaseError, type Transaction } from '@vigil/postgres';
import { isRowFault } from '../../domain/is-row-fault.ts';
import type { EndedRun, RunHooks } from '../../domain/runs/run-hooks.ts';
import type { RunStore } from '../../domain/runs/run-store.ts';
import { isNeeded } from '../runs/unmet-needs.ts';
import { findNextWaiting } from './begin-waiting.ts';
import { recordTriggers, type Trigger } from './take-triggers.ts';

const upstreamSql = `
  SELECT s.schedule_id AS "scheduleId", s.spec->>'workflow' AS upstream, s.spec->>'status' AS status
  FROM orchestration.schedule s WHERE s.kind = 'upstream' AND s.enabled AND s.spec->>'workflow' = ANY($1)`;

const partsSql = `
  UPDATE orchestration.backfill_part p SET state = e.status FROM unnest($1::uuid[], $2::text[]) AS e(run, status) WHERE p.run_id = e.run`;

/**
 * A continuous run that was cancelled (by a person, or a deployment) has a successor at once; one that failed, only at its
 * next interval: it may fail again. No decision about a continuous schedule locks a run, so this cannot wait for one that waits for us.
 */
const succeedSql = `
  UPDATE orchestration.schedule SET next_fire_at = clock_timestamp(),
    considered_until = clock_timestamp() - (spec->>'interval')::bigint * interval '1 millisecond'
  WHERE schedule_id = ANY($1) AND kind = 'continuous'`;

interface Upstream {
  readonly scheduleId: string;
  readonly upstream: string;
  readonly status: string;
}

async function recordUpstream(transaction: Transaction, runs: readonly EndedRun[]): Promise<number> {
  const { rows } = await transaction.query<Upstream>(upstreamSql, [[...new Set(runs.map(({ workflow }) => workflow))]]);
  const triggers = rows.flatMap(({ scheduleId, upstream, status }) =>
    runs
      .filter((run) => run.workflow === upstream && run.status === status)
      .map(({ runId }): Trigger => ({ scheduleId, cause: `run:${runId}`, detail: { workflow: upstream, runId } })),
  );
  return recordTriggers(transaction, triggers);
}

/** A run that cannot begin must not keep the one before it from ending: it is left to the sweep, which puts it off. */
async function beginOrLeave(
  transaction: Transaction,
  runIds: readonly string[],
  runs: Pick<RunStore<Transaction>, 'beginIn'>,
): Promise<void> {
  await transaction.query('SAVEPOINT before_waiting');
  try {
    await runs.beginIn(transaction, runIds);
  } catch (error) {
    const meaning = toDatabaseError(error);
    if (!isRowFault(meaning)) throw meaning;
    await transaction.query('ROLLBACK TO SAVEPOINT before_waiting');
  }
  await transaction.query('RELEASE SAVEPOINT before_waiting');
}

/**
 * What follows from the end of runs, in the transaction that ended them: what waited behind them begins, schedules that wait
 * for their workflow are triggered, their partitions of backfills end.
 *
 * @param nudge  there is something to decide about
 */
export const hearEndedRuns =
  (runs: () => Pick<RunStore<Transaction>, 'beginIn'>, nudge: () => void): NonNullable<RunHooks<Transaction>['ended']> =>
  async (transaction, ended) => {
    const scheduleIds = ended.map(({ scheduleId }) => scheduleId).filter((id) => id !== null);
    if (scheduleIds.length > 0) {
      const next = await findNextWaiting(
        transaction,
        scheduleIds,
        ended.map(({ runId }) => runId),
      );
      if (next.length > 0) await beginOrLeave(transaction, next, runs());
    }
    const succeeded = ended.filter(({ trigger, status }) => trigger === 'continuous' && status === 'cancelled');
    if (succeeded.length > 0) {
      await transaction.query(succeedSql, [succeeded.map(({ scheduleId }) => scheduleId)]);
      nudge();
    }
    if ((await recordUpstream(transaction, ended)) > 0) nudge();
    // They begin in a transaction that sees how this one ended.
    if (await isNeeded(transaction, [...new Set(ended.map(({ workflow }) => workflow))])) nudge();
    const filled = ended.filter(({ trigger }) => trigger === 'backfill');
    if (filled.length === 0) return;
    await transaction.query(partsSql, [filled.map(({ runId }) => runId), filled.map(({ status }) => status)]);
    nudge();
  };
