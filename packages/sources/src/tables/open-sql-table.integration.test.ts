import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { createMemoryState, createTrialsSql, insertTrials, patientsOf, take } from '../../test-support/trials.ts';
import { openSqlTable, type SqlTableOptions } from './open-sql-table.ts';
import type { SourcedRow } from './table-source.ts';

let database: TestDatabase;
let state: ReturnType<typeof createMemoryState>;
const query = (sql: string): Promise<unknown> => database.pool.query(sql);

beforeAll(async () => {
  database = await createTestDatabase('vigil');
  await query(createTrialsSql);
  await query('CREATE TABLE visits (id integer, at timestamptz, seq bigint, note text)');
});
afterAll(() => database?.drop());
beforeEach(async () => {
  state = createMemoryState();
  await query('TRUNCATE clinical_trials, visits');
});

const open = (scan: string, over: Partial<SqlTableOptions> = {}) =>
  openSqlTable({
    name: 'research_db',
    url: database.url,
    table: 'clinical_trials',
    key: ['trial_id', 'patient_id'],
    state,
    salt: 'pepper',
    scan,
    fetchRows: 7,
    changes: null,
    ...over,
  });

test('a table without key or change time: the first look gives every row, the next one what differs', async () => {
  await insertTrials(database.pool, 1, 20);
  const first = await take(open('run-1'), null);
  expect(patientsOf(first)).toEqual(Array.from({ length: 20 }, (_, index) => `P${index + 1}`).sort());
  expect(new Set(first.map(({ change }) => change))).toEqual(new Set(['snapshot']));
  expect(first.find(({ row }) => row['patient_id'] === 'P3')?.row).toEqual({
    trial_id: 'T1',
    patient_id: 'P3',
    enrollment_date: '2024-01-04',
    treatment_arm: 'Arm 1',
    primary_endpoint_value: '0.3750',
    secondary_endpoints: '{"a" : 3, "note" : "x, \\"y\\" \\\\ (z)"}',
    adverse_events: null,
    completion_status: '',
  });
  // Neither position nor memo tells who it is.
  expect(JSON.stringify(first.map(({ position, memo }) => [position, memo]))).not.toMatch(/P\d|T1/);

  await query(`UPDATE clinical_trials SET completion_status = 'completed' WHERE patient_id = 'P5'`);
  await insertTrials(database.pool, 21, 21);
  const last = first.at(-1)?.position ?? '';
  const second = await take(open('run-2'), last);
  expect(second.map(({ change, row }) => `${change} ${String(row['patient_id'])}`).sort()).toEqual(['insert P21', 'update P5']);
  expect(await take(open('run-3'), last)).toEqual([]);
});

test('an attempt of the same run goes on behind the last safe row, also when more was read than is safe', async () => {
  await insertTrials(database.pool, 1, 30);
  const before = await take(open('run-1'), null, 11);
  const after = await take(open('run-1'), before.at(-1)?.position ?? null);
  expect(patientsOf([...before, ...after])).toEqual(Array.from({ length: 30 }, (_, index) => `P${index + 1}`).sort());
});

test.each([
  ['whole', 'clinical_trials', ['trial_id', 'patient_id'], null],
  ['by its changes', 'visits', ['id'], { column: 'seq', overlap: 0 }],
] as const)(
  'a table that is read in parts, %s: each row is in one of them, and each part goes on by itself',
  async (_how, table, key, changes) => {
    await insertTrials(database.pool, 1, 60);
    await query(`INSERT INTO visits SELECT n, now(), n, 'a' FROM generate_series(1, 60) AS n`);
    const part = (scan: string, at: number) => open(scan, { table, key, changes, share: { part: at, of: 3 } });
    const idOf = ({ row }: SourcedRow): string => String(row['patient_id'] ?? row['id']);
    const firsts = [await take(part('run-1', 0), null, 4), await take(part('run-1', 1), null), await take(part('run-1', 2), null)];
    const rest = await take(part('run-1', 0), firsts[0]?.at(-1)?.position ?? null);
    const read = [...firsts.flat(), ...rest].map(idOf);

    expect(new Set(read).size).toBe(60);
    expect(read).toHaveLength(60);
    for (const rows of [[...(firsts[0] ?? []), ...rest], firsts[1], firsts[2]]) expect(rows?.length).toBeGreaterThan(8);
    await query(
      `UPDATE clinical_trials SET completion_status = 'x' WHERE patient_id = 'P7'; UPDATE visits SET note = 'x', seq = 99 WHERE id = 7`,
    );
    const ends = [rest, firsts[1], firsts[2]].map((rows) => rows?.at(-1)?.position ?? null);
    const later = await Promise.all(ends.map((end, at) => take(part('run-2', at), end)));
    expect(later.flat().map(idOf)).toEqual([table === 'visits' ? '7' : 'P7']);
  },
);

test('a table without a declared key is refused in a clear sentence, as is one whose key is none', async () => {
  await expect(take(open('run-1', { key: [] }), null)).rejects.toMatchObject({
    code: 'TABLE_WITHOUT_KEY',
    kind: 'config',
    message: expect.stringContaining('Table clinical_trials. Declare the columns that tell its rows apart'),
  });
  await insertTrials(database.pool, 1, 9);
  await insertTrials(database.pool, 4, 4);
  await expect(take(open('run-1'), null)).rejects.toMatchObject({
    code: 'TABLE_UNFIT',
    message: expect.stringContaining('Several rows of public.clinical_trials have the same (trial_id, patient_id).'),
  });
});

test.each([
  [{ table: 'nowhere' }, 'There is no table public.nowhere.'],
  [{ table: 'a; DROP TABLE b' }, 'in letters, digits and _'],
  [{ key: ['trial_id', 'patient'] }, 'has no column patient.'],
  [{ changes: { column: 'updated_at', overlap: 0 } }, 'has no column updated_at.'],
  [{ changes: { column: 'treatment_arm', overlap: 0 } }, 'is neither a time nor a whole number.'],
] as const)('a declaration that does not fit the table says how: %j', async (over, sentence) => {
  await expect(take(open('run-1', over), null)).rejects.toMatchObject({ code: 'TABLE_UNFIT', message: expect.stringContaining(sentence) });
});

const visits = (scan: string, column: 'at' | 'seq', overlap: number) =>
  open(scan, { table: 'public.visits', key: ['id'], changes: { column, overlap } });
const ids = (rows: Awaited<ReturnType<typeof take>>): unknown[] => rows.map(({ row }) => row['id']);

test('a change column: each run goes on behind the last, and finds in the overlap what was committed late', async () => {
  await query(
    `INSERT INTO visits SELECT n, TIMESTAMPTZ '2024-03-15 10:00:00.000001Z' + n * interval '1 minute', n, 'n' FROM generate_series(1, 20) n`,
  );
  const first = await take(visits('run-1', 'at', 120_000), null);
  expect(ids(first)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(first[0]?.changedAtMs).toBe(Date.UTC(2024, 2, 15, 10, 1));

  // One that began before the newest of them and is committed only now; one too old to be found; one new.
  await query(
    `INSERT INTO visits VALUES (21, '2024-03-15T10:18:30Z', 0, 'late'), (22, '2024-03-15T10:05:00Z', 0, 'too late'), (23, '2024-03-15T11:00:00Z', 0, 'new')`,
  );
  const second = await take(visits('run-2', 'at', 120_000), first.at(-1)?.position ?? null);
  expect(ids(second)).toEqual([21, 23]);
  expect(ids(await take(visits('run-3', 'at', 120_000), second.at(-1)?.position ?? null))).toEqual([]);
});

test('a row whose time lies ahead does not hide what changes until then', async () => {
  await query(`INSERT INTO visits VALUES (1, now() - interval '1 hour', 1, 'n'), (2, now() + interval '10 years', 2, 'a wrong clock')`);
  const first = await take(visits('run-1', 'at', 60_000), null);
  expect(ids(first)).toEqual([1, 2]);
  await query(`INSERT INTO visits VALUES (3, now(), 3, 'new')`);
  const second = await take(visits('run-2', 'at', 60_000), first.at(-1)?.position ?? null);
  expect(ids(second)).toEqual([3]);
  await query(`INSERT INTO visits VALUES (4, now(), 4, 'new')`);
  expect(ids(await take(visits('run-3', 'at', 60_000), second.at(-1)?.position ?? null))).toEqual([4]);
});

test('rows of the very same time are not lost at the end of a page, and numbers serve as well', async () => {
  await query(`INSERT INTO visits SELECT n, '2024-03-15T10:00:00Z', n / 30, 'n' FROM generate_series(1, 50) n`);
  const before = await take(visits('run-1', 'at', 0), null, 20);
  const after = await take(visits('run-1', 'at', 0), before.at(-1)?.position ?? null);
  expect([...ids(before), ...ids(after)].map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));

  state.rows.clear();
  const numbered = await take(visits('run-1', 'seq', 0), null);
  expect(numbered).toHaveLength(50);
  expect(numbered[0]?.changedAtMs).toBeNull();
  await query(`UPDATE visits SET note = 'm', seq = 2 WHERE id = 3`);
  const changed = await take(visits('run-2', 'seq', 1), numbered.at(-1)?.position ?? null);
  expect(changed.map(({ change, row }) => [change, row['id']])).toEqual([['update', 3]]);
});

test('rows whose change is not told would never be seen: refused', async () => {
  await query(`INSERT INTO visits VALUES (1, NULL, 1, '')`);
  await expect(take(visits('run-1', 'at', 0), null)).rejects.toThrow('Column at of public.visits is empty in some rows');
});

test('a source that is away, refuses us, or is cut off while it is read is told apart', async () => {
  const away = new URL(database.url);
  away.port = '1';
  await expect(take(open('run-1', { url: away.href }), null)).rejects.toMatchObject({ code: 'SOURCE_AWAY', kind: 'dependency' });
  await query('DROP ROLE IF EXISTS nobody_reads');
  await query(`CREATE ROLE nobody_reads LOGIN PASSWORD 'x'`);
  const stranger = new URL(database.url);
  stranger.username = 'nobody_reads';
  stranger.password = 'x';
  await insertTrials(database.pool, 1, 30);
  await expect(take(open('run-1', { url: stranger.href }), null)).rejects.toMatchObject({ code: 'SOURCE_DENIED', kind: 'auth' });
  await query('DROP ROLE nobody_reads');

  const reading = open('run-1').read(null, new AbortController().signal);
  const rows = async (): Promise<void> => {
    for await (const { place } of reading) {
      if (place === 'row 3')
        await query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vigil research_db'`);
    }
  };
  await expect(rows()).rejects.toMatchObject({ code: 'SOURCE_AWAY' });
});

test('a reader that is stopped lets its connection go', async () => {
  await insertTrials(database.pool, 1, 30);
  const stop = new AbortController();
  const source = open('run-1');
  const rows = async (): Promise<void> => {
    for await (const { place } of source.read(null, stop.signal)) if (place === 'row 2') stop.abort();
  };
  await expect(rows()).rejects.toMatchObject({ code: 'SOURCE_AWAY' });
  await source.close();
});
