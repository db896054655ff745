import { inTransaction, type Transaction } from '@vigil/postgres';
import type pg from 'pg';
import type { StepInput } from '../../domain/runs/ports.ts';
import { takeOneByOne } from '../one-by-one.ts';
import type { Stepped, Stepper } from './create-stepper.ts';
import type { TimerContent } from './wait-rows.ts';

export interface DueOptions {
  readonly pool: pg.Pool;
  readonly stepper: Stepper;
  readonly claimMs: number;
  readonly atOnce: number;
  /** Told of a run whose inputs cannot be taken; it is looked at again in a minute. */
  readonly onPostponed: (runId: string, error: unknown) => void;
}

export interface Due extends Stepped {
  readonly next: 'again' | 'rest';
}

/** A run is locked before its timers, as its own steps do it; one that is busy is passed and looked at again. $2 = only this one. */
const lockDueSql = `
  SELECT run_id AS "runId" FROM orchestration.run WHERE run_id IN (
    SELECT run_id FROM orchestration.timer WHERE fires_at <= clock_timestamp() AND ($2::uuid IS NULL OR run_id = $2)
    ORDER BY fires_at LIMIT $1)
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

async function takeDue(transaction: Transaction, { stepper, claimMs, atOnce }: DueOptions, only: string | null): Promise<Due> {
  const { rows: locked } = await transaction.query<{ runId: string }>({ name: 'lock-due', text: lockDueSql, values: [atOnce, only] });
  const runIds = locked.map(({ runId }) => runId);
  const { rows } = await transaction.query<DueRow>({ name: 'take-due', text: takeDueSql, values: [runIds] });
  const stepped = await stepper.take(transaction, rows.toSorted(byTime).map(toInput), claimMs);
  return { ...stepped, next: rows.length >= atOnce || stepped.hasDue ? 'again' : 'rest' };
}

const dueRunsSql = `
  SELECT run_id AS "runId" FROM orchestration.timer WHERE fires_at <= clock_timestamp() GROUP BY run_id ORDER BY min(fires_at) LIMIT $1`;
const postponeTimersSql = `
  UPDATE orchestration.timer SET fires_at = clock_timestamp() + interval '1 minute' WHERE run_id = $1 AND fires_at <= clock_timestamp()`;

const sum = (all: readonly Due[]): Due => ({
  results: all.flatMap(({ results }) => results),
  runs: all.flatMap(({ runs }) => runs),
  messages: all.flatMap(({ messages }) => messages),
  pools: new Set(all.flatMap(({ pools }) => [...pools])),
  hasDue: all.some(({ hasDue }) => hasDue),
  next: all.some(({ next }) => next === 'again') ? 'again' : 'rest',
});

const namesBy = ({ pool, atOnce }: DueOptions, sql: string): Promise<readonly string[]> =>
  inTransaction(pool, async (transaction) => (await transaction.query<{ runId: string }>(sql, [atOnce])).rows.map(({ runId }) => runId));

/** In a transaction of its own: it fails by the meaning of the failure, as all others do. */
const postponeBy =
  ({ pool, onPostponed }: DueOptions, sql: string) =>
  async (runId: string, error: unknown): Promise<void> => {
    await inTransaction(pool, (transaction) => transaction.query(sql, [runId]));
    onPostponed(runId, error);
  };

/**
 * Takes the inputs that are due: timers of runs, and what other runs left for them. Any number of processes may. A run that
 * cannot take its own is looked at again in a minute and holds up no other.
 */
export async function takeDueInputs(options: DueOptions): Promise<Due> {
  const take = (only: string | null): Promise<Due> => inTransaction(options.pool, (transaction) => takeDue(transaction, options, only));
  const all = await takeOneByOne({
    all: () => take(null),
    names: () => namesBy(options, dueRunsSql),
    one: take,
    postpone: postponeBy(options, postponeTimersSql),
  });
  return sum(all);
}

const overStates = `state IN ('requested', 'running', 'stopping') AND pool IS NOT NULL AND lease_until < clock_timestamp()`;
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
const postponeLeasesSql = `
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
    postpone: postponeBy(options, postponeLeasesSql),
  });
  const due = sum(all);
  return { ...due, lost: due.results.filter(({ outcome }) => outcome === 'applied').length };
}
