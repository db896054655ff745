import { hashId, toUuid } from '@vigil/core';
import { inTransaction, type Transaction } from '@vigil/postgres';
import type { NewRun } from '../../domain/runs/run-store.ts';
import { takeOneByOne } from '../one-by-one.ts';
import { fromMs, msOf } from './schedule-row.ts';
import { postponeOf, type DueParts } from './take-due.ts';

interface OpenBackfill {
  readonly backfillId: string;
  readonly workflow: string;
  readonly version: number;
  readonly atOnce: number;
  readonly by: string;
  readonly open: number;
  readonly waiting: number;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** A backfill that has nothing to start is passed, so that twenty long ones hold up no other: its parts end with their runs. */
const claimSql = `
  SELECT b.backfill_id AS "backfillId" FROM orchestration.backfill b CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE p.state = 'started') AS open, count(*) FILTER (WHERE p.state = 'waiting') AS waiting
    FROM orchestration.backfill_part p WHERE p.backfill_id = b.backfill_id) n
  WHERE b.state = 'running' AND b.backfill_id::text <> ALL($1) AND ($2::uuid IS NULL OR b.backfill_id = $2) AND (n.open + n.waiting = 0 OR (n.waiting > 0 AND n.open < b.at_once))
  ORDER BY b.created_at LIMIT 20`;
const lockSql = `${claimSql} FOR UPDATE OF b SKIP LOCKED`;

/** Counted behind the lock: another process may have started some just before. */
const countSql = `
  SELECT b.backfill_id AS "backfillId", b.workflow, b.version, b.at_once AS "atOnce", b.requested_by AS by,
    (SELECT count(*) FROM orchestration.backfill_part p WHERE p.backfill_id = b.backfill_id AND p.state = 'started') AS open,
    (SELECT count(*) FROM orchestration.backfill_part p WHERE p.backfill_id = b.backfill_id AND p.state = 'waiting') AS waiting
  FROM orchestration.backfill b WHERE b.backfill_id = ANY($1) ORDER BY b.created_at`;

const startSql = `
  WITH next AS (
    SELECT scheduled_for FROM orchestration.backfill_part WHERE backfill_id = $1 AND state = 'waiting' ORDER BY scheduled_for LIMIT $2)
  UPDATE orchestration.backfill_part p SET state = 'started' FROM next
  WHERE p.backfill_id = $1 AND p.scheduled_for = next.scheduled_for RETURNING ${msOf('p.scheduled_for')} AS "atMs"`;

const nameRunsSql = `
  UPDATE orchestration.backfill_part p SET run_id = n.run FROM unnest($2::bigint[], $3::uuid[]) AS n(at, run)
  WHERE p.backfill_id = $1 AND p.scheduled_for = ${fromMs('n.at')}`;

const doneSql = `UPDATE orchestration.backfill SET state = 'done' WHERE backfill_id = ANY($1)`;

const runOf = ({ backfillId, workflow, version, parameters, by }: OpenBackfill, atMs: number): NewRun => ({
  runId: toUuid(hashId('backfill', backfillId, atMs)),
  workflow,
  version,
  parameters,
  trigger: 'backfill',
  triggerDetail: { backfillId },
  scheduledForMs: atMs,
  idempotencyKey: `backfill:${backfillId}:${atMs}`,
  requestedBy: by,
  // Behind what is due now.
  priority: 3,
});

async function startNext(transaction: Transaction, backfill: OpenBackfill): Promise<NewRun[]> {
  const { rows } = await transaction.query<{ atMs: number }>(startSql, [backfill.backfillId, backfill.atOnce - backfill.open]);
  const runs = rows.map(({ atMs }) => runOf(backfill, atMs));
  const times = rows.map(({ atMs }) => atMs);
  await transaction.query(nameRunsSql, [backfill.backfillId, times, runs.map(({ runId }) => runId)]);
  return runs;
}

const fill = ({ pool, runs, withDefaults, postponed }: DueParts, only: string | null): Promise<number> =>
  inTransaction(pool, async (transaction) => {
    const { rows: claimed } = await transaction.query<{ backfillId: string }>(lockSql, [postponed.list(), only]);
    if (claimed.length === 0) return 0;
    const ids = claimed.map(({ backfillId }) => backfillId);
    const { rows } = await transaction.query<Omit<OpenBackfill, 'parameters'>>(countSql, [ids]);
    const backfills = await withDefaults(rows.map((row) => ({ ...row, parameters: {} })));
    const wanted: NewRun[] = [];
    for (const backfill of backfills) {
      if (backfill.waiting > 0 && backfill.open < backfill.atOnce) wanted.push(...(await startNext(transaction, backfill)));
    }
    if (wanted.length > 0) await runs.requestIn(transaction, wanted);
    const done = backfills.filter(({ open, waiting }) => open + waiting === 0).map(({ backfillId }) => backfillId);
    if (done.length > 0) await transaction.query(doneSql, [done]);
    return wanted.length;
  });

/**
 * Starts the next partitions of backfills that are running, oldest first, at most `at_once` open of each; ends those of which
 * every partition has ended. One that cannot go on is looked at again in a minute and holds up no other.
 * @returns how many runs it requested
 */
export async function fillBackfills(parts: DueParts): Promise<number> {
  const filled = await takeOneByOne({
    all: () => fill(parts, null),
    names: () =>
      inTransaction(parts.pool, async (transaction) => {
        const { rows } = await transaction.query<{ backfillId: string }>(claimSql, [parts.postponed.list(), null]);
        return rows.map(({ backfillId }) => backfillId);
      }),
    one: (backfillId) => fill(parts, backfillId),
    postpone: postponeOf(parts, 'backfill'),
  });
  return filled.reduce((total, count) => total + count, 0);
}
