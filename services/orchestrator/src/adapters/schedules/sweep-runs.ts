import { inTransaction } from '@vigil/postgres';
import { findNextWaiting } from './begin-waiting.ts';
import type { DueParts } from './take-due.ts';

/** A continuous run of another version than the one in force. */
const supersededSql = `
  SELECT r.run_id AS "runId" FROM orchestration.run r JOIN orchestration.workflow w USING (workflow)
  WHERE r.trigger = 'continuous' AND r.status IN ('running', 'paused') AND r.version <> w.version LIMIT 100`;

/**
 * What the ends of runs do not reach: begins runs that wait behind none (two ended at once), ends continuous runs that a
 * deployment has superseded. @returns how many runs it moved
 */
export async function sweepRuns({ pool, runs }: DueParts): Promise<number> {
  const begun = await inTransaction(pool, async (transaction) => {
    const next = await findNextWaiting(transaction, null);
    if (next.length > 0) await runs.beginIn(transaction, next);
    return next.length;
  });
  const { rows } = await pool.query<{ runId: string }>(supersededSql);
  if (rows.length > 0) {
    const input = { kind: 'cancel', by: 'orchestrator', reason: 'Another version was deployed; its run takes over.' } as const;
    await runs.step(rows.map(({ runId }) => ({ runId, messageId: null, input })));
  }
  return begun + rows.length;
}
