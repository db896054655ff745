import { inTransaction, type Transaction } from '@vigil/postgres';
import { isRowFault } from '../../domain/is-row-fault.ts';
import type { StepInput } from '../../domain/runs/run-store.ts';
import { takeOneByOne } from '../one-by-one.ts';
import { joinDue, namesBy, postponeBy, type Due, type DueOptions } from './due.ts';
import { holdTimeouts, isReportSql, lockRun } from './kept-reports.ts';
import type { TimerContent } from './wait-rows.ts';

/** A run is locked before its timers, as its own steps do it; one that is busy is passed and looked at again. $2 = only this one. */
const lockDueSql = `
  SELECT run_id AS "runId" FROM orchestration.run WHERE run_id IN (
    SELECT run_id FROM orchestration.timer WHERE fires_at <= statement_timestamp() AND ($2::uuid IS NULL OR run_id = $2)
    ORDER BY fires_at LIMIT $1)
  ORDER BY run_id FOR UPDATE SKIP LOCKED`;

/** One time for the whole statement: kept reports stand microseconds apart and must not be taken without those before them. */
const takeDueSql = (which = ''): string => `
  WITH taken AS (
    DELETE FROM orchestration.timer WHERE run_id = ANY($1::uuid[]) AND fires_at <= statement_timestamp() ${which} RETURNING run_id, timer, fires_at, key)
  SELECT run_id AS "runId", key FROM taken ORDER BY fires_at, timer`;
const takeAllSql = takeDueSql();
/** What ends a run: its own deadline, and the run that started it. $2 = it is being cancelled: all but reports. */
const takeOthersSql = takeDueSql(`AND NOT ${isReportSql('timer')} AND ($2 OR timer = 'run' OR timer LIKE 'cancel/%')`);

interface DueRow {
  readonly runId: string;
  readonly key: TimerContent;
}

const toInput = ({ runId, key }: DueRow): StepInput => ({
  runId,
  messageId: null,
  input: 'timer' in key ? { kind: 'timer', timer: key.timer } : key.input,
});

async function takeDue(transaction: Transaction, { stepper, claimMs, atOnce }: DueOptions, only: string | null): Promise<Due> {
  const { rows: locked } = await transaction.query<{ runId: string }>({ name: 'lock-due', text: lockDueSql, values: [atOnce, only] });
  const runIds = locked.map(({ runId }) => runId);
  const { rows } = await transaction.query<DueRow>({ name: 'take-due', text: takeAllSql, values: [runIds] });
  const stepped = await stepper.take(transaction, rows.map(toInput), claimMs);
  return { ...stepped, next: rows.length >= atOnce || stepped.hasDue ? 'again' : 'rest' };
}

const isCancellingSql = `SELECT status = 'cancelling' AS "isCancelling" FROM orchestration.run WHERE run_id = $1 FOR UPDATE`;

/** A run that is to end must come to its end, although a report of it cannot be taken: what says so is taken, and then its other inputs. */
async function takeOthers(transaction: Transaction, { stepper, claimMs }: DueOptions, runId: string): Promise<Due> {
  const { rows: locked } = await transaction.query<{ isCancelling: boolean }>(isCancellingSql, [runId]);
  const values = [[runId], locked[0]?.isCancelling === true];
  const { rows } = await transaction.query<DueRow>({ name: 'take-others', text: takeOthersSql, values });
  return { ...(await stepper.take(transaction, rows.map(toInput), claimMs)), next: 'rest' };
}

const dueRunsSql = `
  SELECT run_id AS "runId" FROM orchestration.timer WHERE fires_at <= statement_timestamp() GROUP BY run_id ORDER BY min(fires_at) LIMIT $1`;

/** All that is due, and all reports that are kept, in their order. */
const postponeSql = `
  UPDATE orchestration.timer t SET fires_at = p.at FROM (
    SELECT run_id, timer, statement_timestamp() + interval '1 minute' + row_number() OVER (ORDER BY fires_at, timer) * interval '1 microsecond' AS at
    FROM orchestration.timer WHERE run_id = $1 AND (fires_at <= statement_timestamp() OR ${isReportSql('timer')})) p
  WHERE t.run_id = p.run_id AND t.timer = p.timer`;

/**
 * Takes the inputs that are due: timers of runs, what other runs left for them, and reports that they could not take before.
 * Any number of processes may. A run that cannot take its own is looked at again in a minute and holds up no other.
 */
export async function takeDueInputs(options: DueOptions): Promise<Due> {
  const within = <Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> => inTransaction(options.pool, work);
  const take = (only: string | null): Promise<Due> => within((transaction) => takeDue(transaction, options, only));
  const others: Due[] = [];
  const postpone = postponeBy(options, async (transaction, runId) => {
    await lockRun(transaction, runId);
    await transaction.query(postponeSql, [runId]);
    await holdTimeouts(transaction, runId);
  });
  const all = await takeOneByOne({
    all: () => take(null),
    names: () => namesBy(options, dueRunsSql),
    one: take,
    postpone: async (runId, error) => {
      const taken = await within((transaction) => takeOthers(transaction, options, runId)).catch((failure: unknown) => {
        if (!isRowFault(failure)) throw failure;
        return null;
      });
      if (taken) others.push(taken);
      await postpone(runId, error);
    },
  });
  return joinDue([...all, ...others]);
}
