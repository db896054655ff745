import { inTransaction, type Transaction } from '@vigil/postgres';
import type pg from 'pg';
import { joinAftermaths } from './aftermath.ts';
import type { Stepped, Stepper } from './create-stepper.ts';

export interface DueOptions {
  readonly pool: pg.Pool;
  readonly stepper: Stepper;
  readonly claimMs: number;
  readonly atOnce: number;
  /** Told of a run whose inputs cannot be taken; it is looked at again in a minute. */
  readonly onPostponed: (runId: string, error: unknown) => void;
}

/** What the passing of time did to runs. */
export interface Due extends Stepped {
  readonly next: 'again' | 'rest';
}

export const joinDue = (all: readonly Due[]): Due => ({
  ...joinAftermaths(all),
  results: all.flatMap(({ results }) => results),
  runs: all.flatMap(({ runs }) => runs),
  next: all.some(({ next }) => next === 'again') ? 'again' : 'rest',
});

/** Runs that a batch would have been about. */
export const namesBy = ({ pool, atOnce }: DueOptions, sql: string): Promise<readonly string[]> =>
  inTransaction(pool, async (transaction) => (await transaction.query<{ runId: string }>(sql, [atOnce])).rows.map(({ runId }) => runId));

/** In a transaction of its own: it fails by the meaning of the failure, as all others do. */
export const postponeBy =
  ({ pool, onPostponed }: DueOptions, postpone: (transaction: Transaction, runId: string) => Promise<unknown>) =>
  async (runId: string, error: unknown): Promise<void> => {
    await inTransaction(pool, (transaction) => postpone(transaction, runId));
    onPostponed(runId, error);
  };
