import { inTransaction, type Transaction } from '@vigil/postgres';
import type { StepInput } from '../../domain/runs/run-store.ts';
import { takeOneByOne } from '../one-by-one.ts';
import { joinDue, namesBy, postponeBy, type Due, type DueOptions } from './due.ts';
import { isReportSql } from './kept-reports.ts';

/** Of a run whose reports are kept nobody is silent: what its workers told is not taken in yet. */
const overStates = `state IN ('requested', 'running', 'stopping') AND pool IS NOT NULL AND lease_until < clock_timestamp()
  AND NOT EXISTS (SELECT FROM orchestration.timer kept WHERE kept.run_id = task_run.run_id AND ${isReportSql('kept.timer')})`;
const overSql = `
  SELECT run_id AS "runId", task, part, epoch FROM orchestration.task_run
  WHERE ${overStates}
    AND ($2::uuid IS NULL OR run_id = $2) ORDER BY lease_until LIMIT $1`;

interface OverRow {
  readonly runId: string;
  readonly task: string;
  readonly part: number;
  readonly epoch: number;
}

async function loseDead(transaction: Transaction, { stepper, claimMs, atOnce }: DueOptions, only: string | null): Promise<Due> {
  const { rows } = await transaction.query<OverRow>({ name: 'leases-over', text: overSql, values: [atOnce, only] });
  const inputs = rows.map(({ runId, task, part, epoch }): StepInput => ({
    runId,
    messageId: null,
    input: { kind: 'lost', task, part, epoch },
  }));
  return { ...(await stepper.take(transaction, inputs, claimMs)), next: rows.length >= atOnce ? 'again' : 'rest' };
}

const overRunsSql = `
  SELECT run_id AS "runId" FROM orchestration.task_run WHERE ${overStates} GROUP BY run_id ORDER BY min(lease_until) LIMIT $1`;
const postponeSql = `
  UPDATE orchestration.task_run SET lease_until = clock_timestamp() + interval '1 minute' WHERE run_id = $1 AND ${overStates}`;

/**
 * Attempts whose lease is over are lost: their slots are free and the reducer asks for them again. Those of a run that cannot
 * be moved keep their slots for another minute.
 */
export async function loseDeadAttempts(options: DueOptions): Promise<Due & { readonly lost: number }> {
  const take = (only: string | null): Promise<Due> => inTransaction(options.pool, (transaction) => loseDead(transaction, options, only));
  const all = await takeOneByOne({
    all: () => take(null),
    names: () => namesBy(options, overRunsSql),
    one: take,
    postpone: postponeBy(options, (transaction, runId) => transaction.query(postponeSql, [runId])),
  });
  const due = joinDue(all);
  return { ...due, lost: due.results.filter(({ outcome }) => outcome === 'applied').length };
}
