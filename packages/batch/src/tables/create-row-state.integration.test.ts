import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { Pool } from 'pg';
import { createRowState } from '../index.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase('vigil');
});
afterAll(() => database?.drop());

const hash = (digit: string): string => digit.repeat(32);

test('what was published last is known by source and key, changed, forgotten, and told twice without harm', async () => {
  const state = createRowState(database.pool);
  await state.remember('a', []);
  const rows = [
    { key: hash('1'), content: hash('a') },
    { key: hash('2'), content: hash('b') },
  ];
  await state.remember('a', rows);
  await state.remember('a', rows);
  await state.remember('b', [{ key: hash('1'), content: hash('c') }]);
  expect(await state.known('a', [hash('1'), hash('2'), hash('3')])).toEqual(
    new Map([
      [hash('1'), hash('a')],
      [hash('2'), hash('b')],
    ]),
  );
  await state.remember('a', [
    { key: hash('1'), content: hash('d') },
    { key: hash('2'), content: null },
  ]);
  expect(await state.known('a', [hash('1'), hash('2')])).toEqual(new Map([[hash('1'), hash('d')]]));
  expect(await state.known('b', [hash('1')])).toEqual(new Map([[hash('1'), hash('c')]]));
});

test('a database that is away is told as that', async () => {
  const url = new URL(database.url);
  url.port = '1';
  const pool = new Pool({ connectionString: url.href });
  await expect(createRowState(pool).known('a', [hash('1')])).rejects.toMatchObject({ code: 'DATABASE_AWAY' });
  await pool.end();
});
