import { inTransaction } from '@vigil/postgres';
import { findNextWaiting } from './begin-waiting.ts';
import { takeOneByOne } from '../one-by-one.ts';
import { postponeOf, type DueParts } from './take-due.ts';

/** A continuous run of another version than the one in force. */
const supersededSql = `
  SELECT r.run_id AS "runId" FROM orchestration.run r JOIN orchestration.workflow w USING (workflow)
  WHERE r.trigger = 'continuous' AND r.status IN ('running', 'paused') AND r.version <> w.version AND r.run_id::text <> ALL($1) LIMIT 100`;

const superseded = { kind: 'cancel', by: 'orchestrator', reason: 'Another version was deployed; its run takes over.' } as const;

/** Those of `runIds` that are put off are left alone. */
const moveEach = (parts: DueParts, runIds: readonly string[], move: (runIds: readonly string[]) => Promise<unknown>): Promise<unknown> =>
  takeOneByOne({
    all: () => move(runIds),
    names: async () => runIds,
    one: (runId) => move([runId]),
    postpone: postponeOf(parts, 'run'),
  });

/**
 * What the ends of runs do not reach: begins runs that wait behind none (two ended at once), ends continuous runs that a
 * deployment has superseded. A run that cannot be moved is looked at again in a minute and holds up no other.
 * @returns how many runs it moved, or tried to
 */
export async function sweepRuns(parts: DueParts): Promise<number> {
  const { pool, runs, postponed } = parts;
  const away = new Set(postponed.list());
  const found = await inTransaction(pool, (transaction) => findNextWaiting(transaction, null));
  const next = found.filter((runId) => !away.has(runId));
  // Whether it still waits is asked again under its lock: beginning twice is beginning once.
  if (next.length > 0) await moveEach(parts, next, (runIds) => inTransaction(pool, (transaction) => runs.beginIn(transaction, runIds)));
  const { rows } = await inTransaction(pool, (transaction) => transaction.query<{ runId: string }>(supersededSql, [[...away]]));
  const old = rows.map(({ runId }) => runId);
  const cancel = (runIds: readonly string[]) => runs.step(runIds.map((runId) => ({ runId, messageId: null, input: superseded })));
  if (old.length > 0) await moveEach(parts, old, cancel);
  return next.length + old.length;
}
