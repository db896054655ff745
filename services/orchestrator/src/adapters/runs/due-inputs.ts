import { inTransaction, type Transaction } from '@vigil/postgres';
import type pg from 'pg';
import type { StepInput } from '../../domain/runs/ports.ts';
import type { Stepped, Stepper } from './create-stepper.ts';
import type { TimerContent } from './wait-rows.ts';

export interface DueOptions {
  readonly pool: pg.Pool;
  readonly stepper: Stepper;
  readonly claimMs: number;
  readonly atOnce: number;
}

export interface Due extends Stepped {
  readonly next: 'again' | 'rest';
}

/** A run is locked before its timers, as its own steps do it; one that is busy is passed and looked at again. */
const lockDueSql = `
  SELECT run_id AS "runId" FROM orchestration.run WHERE run_id IN (
    SELECT run_id FROM orchestration.timer WHERE fires_at <= clock_timestamp() ORDER BY fires_at LIMIT $1)
  ORDER BY run_id FOR UPDATE SKIP LOCKED`;

const takeDueSql = `
  DELETE FROM orchestration.timer WHERE run_id = ANY($1::uuid[]) AND fires_at <= clock_timestamp() RETURNING run_id AS "runId", timer, fires_at, key`;

interface DueRow {
  readonly runId: string;
  readonly timer: string;
  readonly fires_at: Date;
  readonly key: TimerContent;
}

const toInput = ({ runId, key }: DueRow): StepInput => ({
  runId,
  messageId: null,
  input: 'timer' in key ? { kind: 'timer', timer: key.timer } : key.input,
});

const byTime = (a: DueRow, b: DueRow): number => a.fires_at.getTime() - b.fires_at.getTime() || (a.timer < b.timer ? -1 : 1);

async function takeDue(transaction: Transaction, { stepper, claimMs, atOnce }: DueOptions): Promise<Due> {
  const { rows: locked } = await transaction.query<{ runId: string }>({ name: 'lock-due', text: lockDueSql, values: [atOnce] });
  const runIds = locked.map(({ runId }) => runId);
  const { rows } = await transaction.query<DueRow>({ name: 'take-due', text: takeDueSql, values: [runIds] });
  const stepped = await stepper.take(transaction, rows.toSorted(byTime).map(toInput), claimMs);
  return { ...stepped, next: rows.length >= atOnce || stepped.hasDue ? 'again' : 'rest' };
}

/** Takes the inputs that are due: timers of runs, and what other runs left for them. Any number of processes may. */
export const takeDueInputs = (options: DueOptions): Promise<Due> =>
  inTransaction(options.pool, (transaction) => takeDue(transaction, options));

const overSql = `
  SELECT run_id AS "runId", task, part, epoch FROM orchestration.task_run
  WHERE state IN ('requested', 'running', 'stopping') AND pool IS NOT NULL AND lease_until < clock_timestamp() ORDER BY lease_until LIMIT $1`;

interface OverRow {
  readonly runId: string;
  readonly task: string;
  readonly part: number;
  readonly epoch: number;
}

/** Attempts whose lease is over are lost: their slots are free and the reducer asks for them again. */
export async function loseDeadAttempts({ pool, stepper, claimMs, atOnce }: DueOptions): Promise<Due & { readonly lost: number }> {
  return inTransaction(pool, async (transaction) => {
    const { rows } = await transaction.query<OverRow>({ name: 'leases-over', text: overSql, values: [atOnce] });
    const inputs = rows.map(({ runId, task, part, epoch }): StepInput => ({
      runId,
      messageId: null,
      input: { kind: 'lost', task, part, epoch },
    }));
    const stepped = await stepper.take(transaction, inputs, claimMs);
    const lost = stepped.results.filter(({ outcome }) => outcome === 'applied').length;
    return { ...stepped, lost, next: rows.length >= atOnce ? 'again' : 'rest' };
  });
}
