import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createPool, migrate, type DatabaseName } from '@vigil/postgres';
import { startStack } from '@vigil/stack';
import { Client, type Pool } from 'pg';

/** A database of a test file: migrated, empty, nobody else's. */
export interface TestDatabase {
  /** Of the owner. */
  readonly url: string;
  readonly pool: Pool;
  /** Ends the pool and removes the database. */
  drop(): Promise<void>;
}

const withClient = async <Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> => {
  const client = new Client({ connectionString: url, application_name: 'vigil tests' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

const urlOf = (url: string, database: string): string => {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
};

/** Another text of a migration makes another template. */
function templateNameOf(database: DatabaseName): string {
  const directory = fileURLToPath(new URL('../../../postgres/src/migrations/', import.meta.url));
  const hash = createHash('sha256');
  for (const file of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    if (file.endsWith('.ts')) hash.update(file).update(readFileSync(`${directory}/${file}`));
  }
  return `template_${database}_${hash.digest('hex').slice(0, 12)}`;
}

/** Made once per cluster and version of the migrations; test files that start together wait for each other. */
async function ensureTemplate(server: string, database: DatabaseName, name: string): Promise<void> {
  await withClient(server, async (client) => {
    await client.query('SELECT pg_advisory_lock(7236502)');
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1 AND datistemplate', [name]);
    if (rowCount === 1) return;
    await client.query(`DROP DATABASE IF EXISTS ${name}`);
    await client.query(`CREATE DATABASE ${name}`);
    await migrate(urlOf(server, name), database);
    await client.query(`ALTER DATABASE ${name} IS_TEMPLATE true`);
  });
}

/**
 * Copies a migrated template: about 100 ms instead of running the migrations.
 *
 * @param database  whose migrations it has
 * @param template  name of the template; by its migrations unless given
 */
export async function createTestDatabase(database: DatabaseName, template = templateNameOf(database)): Promise<TestDatabase> {
  const { env } = await startStack();
  const server = urlOf(env.databaseUrl, 'postgres');
  await ensureTemplate(server, database, template);
  const name = `test_${database}_${randomBytes(6).toString('hex')}`;
  await withClient(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  const url = urlOf(server, name);
  const pool = createPool({ url, applicationName: 'vigil tests' });
  return {
    url,
    pool,
    async drop() {
      await pool.end();
      await withClient(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}
