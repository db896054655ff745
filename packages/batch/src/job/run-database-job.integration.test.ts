import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createPool } from '@vigil/postgres';
import { createFaultyLink, createSeededRandom, createTestDatabase, type TestDatabase } from '@vigil/testing';
import type { DatabaseChildOrder } from '../../test-support/database-job-child.ts';
import { liveUntilKilled, type Kill, type Life } from '../../test-support/live-until-killed.ts';
import { createNumbersSql, jobOf, numbersFrom, numbersTarget, writeNumber } from '../../test-support/numbered-job.ts';
import { operationalJobTables, runDatabaseJob, warehouseJobTables, type DatabaseJobOptions } from '../index.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase('vigil');
  await database.pool.query(createNumbersSql);
});
afterAll(() => database?.drop());
beforeEach(() => database.pool.query('TRUNCATE numbers, orchestration.job_checkpoint, orchestration.job_rejected'));

const optionsOf = (last: number, over: Partial<DatabaseJobOptions<number>> = {}): DatabaseJobOptions<number> => ({
  partition: jobOf(last),
  target: numbersTarget,
  writeRow: writeNumber,
  tables: operationalJobTables,
  ends: 'for-good',
  skipLimit: null,
  limits: { records: 25 },
  signal: new AbortController().signal,
  ...over,
});
const run = (options: DatabaseJobOptions<number>) => runDatabaseJob(options, database.pool);
const numbers = async (): Promise<number[]> => {
  const { rows } = await database.pool.query<{ number: number }>('SELECT number FROM numbers ORDER BY number');
  return rows.map(({ number }) => number);
};
/** Divisible by none of 5, 7, 11. */
const expected = (last: number): number[] =>
  Array.from({ length: last }, (_, index) => index + 1).filter((number) => [5, 7, 11].every((factor) => number % factor !== 0));

test('rows, rejected items and the checkpoint are written together', async () => {
  // Of 1 to 100: 14 are divisible by 7, 20 by 5 (2 of them by 7), 9 by 11 (1 of them by 7, 1 by 5).
  expect(await run(optionsOf(100))).toEqual({ read: 100, written: 61, rejected: 14 + 7, skipped: 18, wasDone: false });
  expect(await numbers()).toEqual(expected(100));
  const { rows } = await database.pool.query('SELECT position, done, epoch, counts FROM orchestration.job_checkpoint');
  expect(rows).toEqual([{ position: '100', done: true, epoch: 1, counts: { read: 100, written: 61, rejected: 21, skipped: 18 } }]);
  const { rows: rejected } = await database.pool.query(
    'SELECT position, place, line, code, field, detail FROM orchestration.job_rejected WHERE line < 12 ORDER BY line',
  );
  expect(rejected).toEqual([
    { position: '7', place: 'line 7', line: 7, code: 'BAD_SHAPE', field: 'number', detail: 'Divisible by 7.' },
    { position: '11', place: 'line 11', line: 11, code: 'ROW_REFUSED', field: '', detail: '' },
  ]);
  expect(await run(optionsOf(200))).toMatchObject({ read: 100, wasDone: true });
});

test('a table goes on behind its last run, with counts of its own', async () => {
  const table = (runId: string, last: number) => optionsOf(last, { ends: 'for-the-run', partition: jobOf(last, { runId }) });
  await run(table('run-1', 10));
  expect(await run(table('run-1', 13))).toMatchObject({ read: 10, wasDone: true });
  expect(await run(table('run-2', 13))).toEqual({ read: 3, written: 2, rejected: 1, skipped: 0, wasDone: false });
});

test('an attempt whose epoch is old is fenced, at its start and in the middle', async () => {
  await run(optionsOf(0, { partition: jobOf(0, { job: 'other', epoch: 3 }) }));
  await expect(run(optionsOf(10, { partition: jobOf(10, { job: 'other', epoch: 2 }) }))).rejects.toMatchObject({ code: 'FENCED' });

  async function* overtaken(position: string | null) {
    yield* numbersFrom(position, 40);
    await run(optionsOf(60, { partition: jobOf(60, { epoch: 2 }) }));
    yield* numbersFrom('40', 60);
  }
  await expect(run(optionsOf(60, { partition: jobOf(60, { read: overtaken }) }))).rejects.toMatchObject({ code: 'FENCED' });
  expect(await numbers()).toEqual(expected(60));
});

test('a job stops at its skip limit and goes on there with a higher one', async () => {
  await expect(run(optionsOf(100, { skipLimit: { count: 2, ratio: 1 } }))).rejects.toMatchObject({
    code: 'JOB_SKIP_LIMIT',
    kind: 'poison',
  });
  // 7 and 11 are allowed, 14 is too much.
  expect(await numbers()).toEqual(expected(13));
  expect(await run(optionsOf(100, { skipLimit: { count: 21, ratio: 0.21 } }))).toMatchObject({ read: 100, rejected: 21 });
  expect(await numbers()).toEqual(expected(100));
});

test('what only the database refuses undoes the chunk and names the constraint, not the value', async () => {
  const bad = optionsOf(10, { partition: { ...jobOf(10), read: () => numbersFrom('4439', 4_450) } });
  await expect(run(bad)).rejects.toMatchObject({ code: 'ROW_REFUSED', message: expect.stringContaining('numbers.numbers_number_check') });
  expect(await numbers()).toEqual([]);
});

test('a fault of ours names the place', async () => {
  const broken = (): never => {
    throw new TypeError('PAT_12345');
  };
  const failing = run(optionsOf(10, { writeRow: broken }));
  await expect(failing).rejects.toMatchObject({ code: 'PROCESSOR_FAULT', message: expect.stringContaining('file:numbers, line 1.') });
});

test('what else follows from the rows is written with them, or not at all', async () => {
  const failing = optionsOf(10, { alsoWrite: async (transaction) => void (await transaction.query('SELECT 1 / 0')) });
  await expect(run(failing)).rejects.toThrow();
  expect(await numbers()).toEqual([]);
  await run(optionsOf(10, { alsoWrite: async (transaction) => void (await transaction.query('UPDATE numbers SET small = -1')) }));
  expect((await database.pool.query('SELECT DISTINCT small FROM numbers')).rows).toEqual([{ small: -1 }]);
});

test('the warehouse has the same tables', async () => {
  const warehouse = await createTestDatabase('vigil_warehouse');
  await warehouse.pool.query(createNumbersSql);
  expect(await runDatabaseJob(optionsOf(10, { tables: warehouseJobTables }), warehouse.pool)).toMatchObject({ read: 10, written: 7 });
  await warehouse.drop();
});

test('a connection that is cut while it commits leaves nothing twice, whether the commit arrived or not', async () => {
  const { hostname, port } = new URL(database.url);
  const link = await createFaultyLink({ listen: { host: '127.0.0.1', port: 0 }, target: { host: hostname, port: Number(port) } });
  const url = new URL(database.url);
  url.hostname = link.address.host;
  url.port = String(link.address.port);
  for (const [epoch, of] of (['answer', 'request'] as const).entries()) {
    const pool = createPool({ url: url.href, applicationName: 'cut' });
    const options = optionsOf(60, { partition: jobOf(60, { epoch: epoch + 1 }) });
    let commits = 0;
    const cut = link.cutNext({ of, matches: (bytes) => bytes.includes('COMMIT') && ++commits === 2 });
    await expect(runDatabaseJob(options, pool)).rejects.toMatchObject({ code: 'DATABASE_AWAY' });
    await cut;
    await pool.end();
  }
  await run(optionsOf(60, { partition: jobOf(60, { epoch: 3 }) }));
  expect(await numbers()).toEqual(expected(60));
  await link.close();
});

const live = (order: DatabaseChildOrder, killAt: Kill | null): Promise<Life> => liveUntilKilled('database-job-child.ts', order, killAt);

test('a job that is killed again and again in the middle of its work loads every row once', async () => {
  const last = 3_000;
  const random = createSeededRandom(6);
  const url = database.url;
  let kills = 0;
  for (let epoch = 1; epoch <= 3; epoch++) {
    const life = await live({ url, last, epoch }, { commits: 2 + Math.floor(random.next() * 3), ms: Math.floor(random.next() * 8) });
    if (life.result === null) kills++;
  }
  expect(kills).toBeGreaterThanOrEqual(2);
  const { result } = await live({ url, last, epoch: 4 }, null);
  expect(result).toMatchObject({ read: 3_000, written: expected(last).length });
  expect(await numbers()).toEqual(expected(last));
}, 60_000);
