import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { IdentityObserved } from '@vigil/contracts';
import { createPool } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import type { Pool, PoolClient } from 'pg';
import type { IdentityChange } from '../../domain/best-identity.ts';
import { writeIdentities } from './write-identities.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase('vigil');
  pool = createPool({ url: database.url, applicationName: 'loader', role: 'vigil_loader_operational', maxConnections: 4 });
});
beforeEach(() => database.pool.query('TRUNCATE clinical.patient_identity'));
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

const identity = (source: IdentityChange['source'], byte: number): IdentityChange => {
  const value: IdentityObserved = { patientToken: 't', sealed: Buffer.of(byte), keyId: 'k', observedAt: byte, source, told: source === 'claims' ? byte : 0 }; // prettier-ignore
  return { patientToken: 't', source, value };
};
const withdrawn = (source: IdentityChange['source']): IdentityChange => ({ patientToken: 't', source, value: null });
const stored = async () =>
  (await database.pool.query<{ source: string; byte: number | null }>(
    "SELECT source, CASE WHEN sealed = '' THEN NULL ELSE get_byte(sealed, 0) END AS byte FROM clinical.patient_identity",
  )).rows; // prettier-ignore

async function begin(): Promise<PoolClient> {
  const client = await pool.connect();
  await client.query('BEGIN');
  return client;
}
async function commit(client: PoolClient): Promise<void> {
  await client.query('COMMIT');
  client.release();
}
const write = async (...changes: IdentityChange[]): Promise<void> => {
  const client = await begin();
  await writeIdentities(client, changes);
  await commit(client);
};

/** Until one transaction waits for another: then the second has begun its statement. */
async function someoneWaits(): Promise<void> {
  const sql = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
  while ((await database.pool.query(sql)).rowCount === 0) await new Promise((resolve) => void setTimeout(resolve, 5));
}

test.each([
  ['claims', 'registry'],
  ['registry', 'claims'],
] as const)('of two transactions that tell of one new patient at once, %s first, the registry stays', async (first, second) => {
  const [one, other] = [await begin(), await begin()];
  await writeIdentities(one, [identity(first, 1)]);
  const waiting = writeIdentities(other, [identity(second, 2)]);
  await someoneWaits();
  await commit(one);
  await waiting;
  await commit(other);
  expect(await stored()).toEqual([{ source: 'registry', byte: first === 'registry' ? 1 : 2 }]);
});

test('a withdrawal empties what earlier batches told, whatever a claim tells after it in the same batch', async () => {
  await write(identity('registry', 1));
  await write(withdrawn('registry'), identity('claims', 2));
  expect(await stored()).toEqual([{ source: 'claims', byte: 2 }]);
});

test('what claims withdraw empties only what claims told', async () => {
  await write(identity('registry', 1));
  await write(withdrawn('claims'));
  expect(await stored()).toEqual([{ source: 'registry', byte: 1 }]);

  await database.pool.query('TRUNCATE clinical.patient_identity');
  await write(identity('claims', 3));
  await write(withdrawn('claims'));
  expect(await stored()).toEqual([{ source: 'claims', byte: null }]);
});
