import { createPool } from '@vigil/postgres';
import type { Pool } from 'pg';
import { addressOf } from '../connect/addresses.ts';

/** Exports read far more than a service does at once. */
const patientMs = 600_000;

/** Reads decisions; closes cycles; reads sealed identities. */
export type DecisionRole = 'vigil_claims_reader' | 'vigil_remitter' | 'vigil_identity_reader';

/**
 * Work with the operational tables; the connections are closed whatever becomes of it.
 *
 * @param role  whose rights the connections have, never the owner's
 */
export async function withDecisions<Result>(role: DecisionRole, work: (pool: Pool) => Promise<Result>): Promise<Result> {
  const pool = createPool({
    url: addressOf('databaseUrl'),
    applicationName: 'vigil-cli claims',
    maxConnections: 2,
    statementTimeoutMs: patientMs,
    lockTimeoutMs: patientMs,
    idleInTransactionTimeoutMs: patientMs,
    role,
  });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
