import { VigilError } from '@vigil/core';
import type { Pool, PoolClient } from 'pg';
import { toDatabaseError } from './database-error.ts';

/** A connection inside a transaction. */
export type Transaction = PoolClient;

/**
 * Runs `work` in one transaction.
 *
 * The connection is thrown away after any error: whether a COMMIT that failed took place is unknown, and a connection
 * that was cut in the middle of a COPY cannot be used again.
 *
 * @throws VigilError by the meaning of the failure (see `toDatabaseError`), or the unknown error itself
 */
export async function inTransaction<Result>(pool: Pool, work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
  const client = await connect(pool);
  let failure: Error | undefined;
  const onBroken = (error: Error): void => {
    failure = error;
  };
  client.on('error', onBroken);
  try {
    await client.query('BEGIN');
    const result = await work(client);
    const { command } = await client.query('COMMIT');
    // PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK and no error.
    if (command !== 'COMMIT') throw new VigilError('DATABASE_CONFLICT', { detail: 'The transaction was rolled back at COMMIT.' });
    return result;
  } catch (error) {
    failure = error as Error;
    throw toDatabaseError(error);
  } finally {
    client.off('error', onBroken);
    client.release(failure);
  }
}

async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw toDatabaseError(error);
  }
}
