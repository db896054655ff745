import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { createPool } from './pool.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase('vigil');
});
afterAll(() => database.drop());

test('a connection that breaks while it is handed out ends nothing but itself', async () => {
  const pool = createPool({ url: database.url, applicationName: 'handed out', maxConnections: 1 });
  const client = await pool.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const ended = new Promise((resolve) => void client.once('end', resolve));
  // Nobody listens for errors of `client`: an error event without a listener would end this process.
  await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
  await ended;
  client.release(true);

  expect((await pool.query<{ one: number }>('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await pool.end();
});
