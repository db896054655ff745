import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createPool } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import type { Pool, PoolClient } from 'pg';
import { versionName, VersionedKeys } from './versioned-keys.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase('vigil_warehouse');
  pool = createPool({ url: database.url, applicationName: 'loader', role: 'vigil_loader_warehouse', maxConnections: 4 });
});
beforeEach(() => database.pool.query('TRUNCATE warehouse.dim_provider'));
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

const loader = () => new VersionedKeys({ table: 'warehouse.dim_provider', key: 'provider_key', natural: 'provider', attribute: 'provider_type' }); // prettier-ignore
const named = (...types: string[]) => types.map((type) => versionName('p', type));

async function begin(): Promise<PoolClient> {
  const client = await pool.connect();
  await client.query('BEGIN');
  return client;
}
async function load(keys: VersionedKeys, types: readonly string[], loadId: number): Promise<void> {
  const client = await begin();
  const found = await keys.keysOf(client, named(...types), loadId);
  await client.query('COMMIT');
  client.release();
  keys.commit(found);
}
const versions = async () =>
  (await database.pool.query('SELECT provider_type AS type, is_current AS current, valid_to_load AS until FROM warehouse.dim_provider ORDER BY 1')).rows; // prettier-ignore

async function someoneWaits(): Promise<void> {
  const sql = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
  while ((await database.pool.query(sql)).rowCount === 0) await new Promise((resolve) => void setTimeout(resolve, 5));
}

test.each([[[]], [['lab']]])('of two loaders that bring versions of one provider at once, the one that commits last is current (before: %j)', async (before) => {
  if (before.length > 0) await load(loader(), before, 1);
  const [one, other] = [await begin(), await begin()];
  await loader().keysOf(one, named('clinic'), 2);
  const waiting = loader().keysOf(other, named('hospital'), 3);
  await someoneWaits();
  await one.query('COMMIT');
  await waiting;
  await other.query('COMMIT');
  for (const client of [one, other]) client.release();

  expect(await versions()).toEqual([
    { type: 'clinic', current: false, until: 3 },
    { type: 'hospital', current: true, until: null },
    ...before.map((type) => ({ type, current: false, until: 2 })),
  ]);
}); // prettier-ignore

test('a loader does not take for current what another loader has turned since', async () => {
  const [one, other] = [loader(), loader()];
  await load(one, ['clinic'], 1);
  await load(other, ['hospital'], 2);
  await load(one, ['clinic'], 3);
  expect(await versions()).toEqual([
    { type: 'clinic', current: true, until: null },
    { type: 'hospital', current: false, until: 3 },
  ]);
});

test('a version that another one followed within its batch has ended with it', async () => {
  await load(loader(), ['clinic', 'hospital'], 4);
  expect(await versions()).toEqual([
    { type: 'clinic', current: false, until: 4 },
    { type: 'hospital', current: true, until: null },
  ]);
});

test('the table itself refuses a second current version', async () => {
  await load(loader(), ['clinic'], 1);
  await expect(
    database.pool.query("INSERT INTO warehouse.dim_provider (provider, provider_type, valid_from_load, is_current) VALUES ('p', 'lab', 1, true)"),
  ).rejects.toMatchObject({ code: '23505' });
}); // prettier-ignore
