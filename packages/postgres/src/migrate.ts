import { Client } from 'pg';
import { toDatabaseError } from './database-error.ts';
import { MigrationFiles, type DatabaseName } from './migration-files.ts';

/** Any constant; everyone who migrates this product uses it. */
const advisoryLock = 7_236_501;

/**
 * Brings a database to the newest version. One migrator at a time: others wait, and find nothing left to do. A migrator
 * that dies leaves nothing locked, because its lock ends with its connection and its migration with its transaction.
 *
 * @param url  of the owner: roles, schemas and tables are made
 * @returns the names of the migrations that were applied
 */
export async function migrate(url: string, database: DatabaseName): Promise<readonly string[]> {
  const lockHolder = new Client({ connectionString: url, application_name: 'vigil migrate', connectionTimeoutMillis: 10_000 });
  try {
    await lockHolder.connect();
    await lockHolder.query('SELECT pg_advisory_lock($1)', [advisoryLock]);
    return await applyMigrations(url, database);
  } catch (error) {
    throw toDatabaseError(error);
  } finally {
    await lockHolder.end();
  }
}

async function applyMigrations(url: string, database: DatabaseName): Promise<readonly string[]> {
  // Only who migrates pays for loading it.
  const { default: knex } = await import('knex');
  const db = knex({
    client: 'pg',
    connection: { connectionString: url, application_name: 'vigil migrate' },
    pool: { min: 0, max: 2 },
    migrations: { migrationSource: new MigrationFiles(database), tableName: 'vigil_migration' },
  });
  try {
    // We hold the advisory lock, so a lock in knex's own table is one that a dead migrator left behind.
    await db.migrate.forceFreeMigrationsLock();
    const [, applied] = (await db.migrate.latest()) as [number, readonly string[]];
    return applied;
  } finally {
    await db.destroy();
  }
}
