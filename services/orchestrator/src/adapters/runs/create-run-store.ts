import { classifyError } from '@vigil/core';
import { inTransaction, type Transaction } from '@vigil/postgres';
import type pg from 'pg';
import type { RunStore } from '../../domain/runs/run-store.ts';
import type { Aftermath } from './aftermath.ts';
import type { Stepper } from './create-stepper.ts';

export interface RunStoreOptions {
  readonly pool: pg.Pool;
  readonly stepper: Stepper;
  readonly claimMs: number;
  /** After a commit: publishes, dispatches, takes what is due. Must not throw. */
  readonly settle: (aftermath: Aftermath) => void;
  /** After the commit of somebody else's transaction: looks everywhere. Must not throw. */
  readonly settleAll: () => void;
  /** A transaction failed, or nobody knows what became of it. Must not throw. */
  readonly onFailed: () => void;
}

/** Runs behind the port: each method one transaction, with what follows it. */
export function createRunStore({ pool, stepper, claimMs, settle, settleAll, onFailed }: RunStoreOptions): RunStore<Transaction> {
  const repeat = async <Result>(work: (transaction: Transaction) => Promise<Result>, attempts = 3): Promise<Result> => {
    try {
      return await inTransaction(pool, work);
    } catch (error) {
      onFailed();
      // A conflict says nothing about the inputs; message ids and idempotency keys make a repeat harmless.
      if (attempts <= 1 || classifyError(error).kind !== 'transient') throw error;
      return repeat(work, attempts - 1);
    }
  };
  return {
    async request(runs) {
      const done = await repeat((transaction) => stepper.request(transaction, runs, claimMs));
      settle(done);
      return done.requested;
    },
    async step(inputs) {
      const done = await repeat((transaction) => stepper.take(transaction, inputs, claimMs));
      settle(done);
      return done.results;
    },
    // Whether the caller's transaction is committed is the caller's to know: its messages are left to the relay.
    requestIn: async (transaction, runs) => (await stepper.request(transaction, runs, 0)).requested,
    beginIn: async (transaction, runIds) => void (await stepper.begin(transaction, runIds, 0)),
    stepIn: async (transaction, inputs) => (await stepper.take(transaction, inputs, 0)).results,
    settle: settleAll,
  };
}
