import { Client } from 'pg';

export const databaseUrl = (port: number, password: string, database: string): string =>
  `postgresql://vigil:${password}@127.0.0.1:${port}/${database}`;

/** The same server and user, another database. */
export const withDatabase = (url: string, database: string): string => {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
};

const withClient = async <Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> => {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
};

export const postgresAnswers = async (url: string): Promise<boolean> =>
  withClient(url, async (client) => (await client.query('SELECT 1')).rowCount === 1);

/** Creates the databases that do not exist yet. */
export const ensureDatabases = async (url: string, names: readonly string[]): Promise<void> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
    const existing = new Set(rows.map(({ datname }) => datname));
    for (const name of names) if (!existing.has(name)) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  });
