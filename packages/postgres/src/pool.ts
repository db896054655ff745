import { Pool, types as builtinTypes, type CustomTypesConfig } from 'pg';

export interface PoolOptions {
  readonly url: string;
  /** Shown in `pg_stat_activity`: the service, with its target. */
  readonly applicationName: string;
  /** The role whose rights the connections have; without it those of the login. */
  readonly role?: string;
  readonly maxConnections?: number;
  readonly connectTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
  readonly lockTimeoutMs?: number;
  readonly idleInTransactionTimeoutMs?: number;
}

const { INT8, NUMERIC } = builtinTypes.builtins;

/** 64-bit integers and numerics are read as numbers: offsets and counts stay far below 2^53. */
const types: CustomTypesConfig = {
  getTypeParser: ((oid: typeof INT8, format?: 'text') =>
    oid === INT8 || oid === NUMERIC ? Number : builtinTypes.getTypeParser(oid, format)) as CustomTypesConfig['getTypeParser'],
};

/**
 * A pool whose connections cannot hang: a forgotten transaction ends after 3 s (a paused owner would otherwise keep
 * its successor out), waiting for a lock after 5 s, a statement after 30 s.
 */
export function createPool(options: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.maxConnections ?? 8,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    // The server ends a statement first; this one ends a wait for a server that does not answer at all.
    query_timeout: (options.statementTimeoutMs ?? 30_000) + 5_000,
    lock_timeout: options.lockTimeoutMs ?? 5_000,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 3_000,
    keepAlive: true,
    types,
    ...(options.role && { options: `-c role=${options.role}` }),
  });
  // An idle connection that breaks is replaced at its next use; without a listener it would end the process.
  pool.on('error', ignoreBreak);
  // Nor has one that breaks in the moment between the pool handing it out and its user listening.
  pool.on('connect', (client) => client.on('error', ignoreBreak));
  return pool;
}

/** Whoever waits for the connection is told by the failure of its query. */
const ignoreBreak = (): void => undefined;
