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
    { key: hash('1'), content: hash('a'), sealedKey: 'sealed-1' },
    { key: hash('2'), content: hash('b'), sealedKey: null },
  ];
  await state.remember('a', rows);
  await state.remember('a', rows);
  await state.remember('b', [{ key: hash('1'), content: hash('c'), sealedKey: null }]);
  expect(await state.known('a', [hash('1'), hash('2'), hash('3')])).toEqual(
    new Map([
      [hash('1'), { content: hash('a'), sealedKey: 'sealed-1' }],
      [hash('2'), { content: hash('b'), sealedKey: null }],
    ]),
  );
  await state.remember('a', [
    { key: hash('1'), content: hash('d'), sealedKey: 'sealed-d' },
    { key: hash('2'), content: null, sealedKey: null },
  ]);
  expect(await state.known('a', [hash('1'), hash('2')])).toEqual(new Map([[hash('1'), { content: hash('d'), sealedKey: 'sealed-d' }]]));
  expect(await state.known('b', [hash('1')])).toEqual(new Map([[hash('1'), { content: hash('c'), sealedKey: null }]]));
});

test('a key is kept anew of rows that are known, and of no others', async () => {
  const state = createRowState(database.pool);
  const row = (digit: string) => ({ key: hash(digit), content: hash('a'), sealedKey: null });
  await state.remember('resealed', [row('1'), row('2')]);
  await state.remember('beside', [row('1')]);
  await state.reseal('resealed', []);
  await state.reseal('resealed', [
    { key: hash('1'), sealedKey: 'sealed-1' },
    { key: hash('3'), sealedKey: 'sealed-3' },
  ]);
  expect(await state.between('resealed', { after: '', upTo: hash('f') })).toEqual([
    { key: hash('1'), sealedKey: 'sealed-1' },
    { key: hash('2'), sealedKey: null },
  ]);
  expect(await state.known('resealed', [hash('1')])).toEqual(new Map([[hash('1'), { content: hash('a'), sealedKey: 'sealed-1' }]]));
  expect(await state.known('beside', [hash('1')])).toEqual(new Map([[hash('1'), { content: hash('a'), sealedKey: null }]]));
});

test('what is kept is told in the order of the hashes, page by page', async () => {
  const state = createRowState(database.pool);
  const keys = Array.from({ length: 2_500 }, (_, n) => n.toString(16).padStart(32, '0'));
  await state.remember(
    'many',
    keys.map((key) => ({ key, content: hash('a'), sealedKey: `sealed-${Number.parseInt(key, 16)}` })),
  );
  const first = await state.between('many', { after: '', upTo: hash('f') });
  const rest = await state.between('many', { after: first.at(-1)?.key ?? '', upTo: hash('f') });
  expect([...first, ...rest].map(({ key }) => key)).toEqual(keys);
  expect(rest[0]).toEqual({ key: keys[first.length], sealedKey: `sealed-${first.length}` });
  expect(await state.between('many', { after: keys[4] ?? '', upTo: keys[6] ?? '' })).toEqual([
    { key: keys[5], sealedKey: 'sealed-5' },
    { key: keys[6], sealedKey: 'sealed-6' },
  ]);
});

test('a database that is away is told as that', async () => {
  const url = new URL(database.url);
  url.port = '1';
  const pool = new Pool({ connectionString: url.href });
  await expect(createRowState(pool).known('a', [hash('1')])).rejects.toMatchObject({ code: 'DATABASE_AWAY' });
  await pool.end();
});
