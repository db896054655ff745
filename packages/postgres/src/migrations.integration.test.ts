import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { startStack } from '@vigil/stack';
import knex from 'knex';
import { createPool } from './pool.ts';
import { migrate } from './migrate.ts';
import { MigrationFiles, type DatabaseName } from './migration-files.ts';

/** An empty database, removed afterwards. */
async function withEmptyDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const server = new URL((await startStack()).env.databaseUrl);
  const name = `test_migrations_${randomBytes(6).toString('hex')}`;
  const owner = createPool({ url: server.href, applicationName: 'vigil tests', maxConnections: 1 });
  await owner.query(`CREATE DATABASE ${name}`);
  try {
    server.pathname = `/${name}`;
    await work(server.href);
  } finally {
    await owner.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await owner.end();
  }
}

async function tablesIn(url: string): Promise<string[]> {
  const pool = createPool({ url, applicationName: 'vigil tests' });
  const { rows } = await pool.query<{ name: string }>(
    `SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  await pool.end();
  return rows.map(({ name }) => name);
}

async function undoAll(url: string, database: DatabaseName): Promise<void> {
  const db = knex({
    client: 'pg',
    connection: { connectionString: url },
    migrations: { migrationSource: new MigrationFiles(database), tableName: 'vigil_migration' },
  });
  try {
    await db.migrate.rollback(undefined, true);
  } finally {
    await db.destroy();
  }
}

test.each([
  ['vigil', ['clinical.patient_latest', 'clinical.vital_reading', 'engine.sink_offset', 'engine.archive_segment', 'alerting.incident']],
  [
    'vigil_warehouse',
    ['warehouse.fact_vital_reading', 'warehouse.dim_patient', 'warehouse.load', 'engine.sink_offset', 'engine.lake_file'],
  ],
] as const)('%s is made from nothing, taken back to nothing, and made again', async (database, expected) => {
  await withEmptyDatabase(async (url) => {
    const [applied] = await Promise.all([migrate(url, database), migrate(url, database)].map((run) => run.then((names) => names.length)));
    const tables = await tablesIn(url);
    expect(tables).toEqual(expect.arrayContaining([...expected]));
    expect(applied).toBeGreaterThanOrEqual(0);

    await undoAll(url, database);
    expect((await tablesIn(url)).filter((name) => !name.startsWith('public.vigil_migration'))).toEqual([]);
    expect((await migrate(url, database)).length).toBeGreaterThan(1);
    expect(await tablesIn(url)).toEqual(tables);
  });
});
