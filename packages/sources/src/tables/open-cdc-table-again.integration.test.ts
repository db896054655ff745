import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { createMemoryState, createTrialsSql, insertTrials, plainSeal, take } from '../../test-support/trials.ts';
import { openCdcTable, type CdcTableOptions, type SourcedRow, type TableSource } from '../index.ts';

let database: TestDatabase;
let state: ReturnType<typeof createMemoryState>;
let name: string;
let opened: TableSource[] = [];
const query = (sql: string): Promise<{ rows: Record<string, unknown>[] }> => database.pool.query(sql);
const slots = async (): Promise<number> =>
  (await query('SELECT FROM pg_replication_slots WHERE database = current_database()')).rows.length;
/** A reader that went away holds its slot for a moment. */
async function dropSlots(): Promise<void> {
  while ((await slots()) > 0)
    await query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database() AND NOT active');
}

beforeAll(async () => {
  database = await createTestDatabase('vigil');
});
beforeEach(async () => {
  state = createMemoryState();
  name = `again_${Math.floor(performance.now() * 1000).toString(36)}`;
  await query('DROP TABLE IF EXISTS clinical_trials');
  await query(createTrialsSql);
  await query('ALTER TABLE clinical_trials REPLICA IDENTITY FULL');
});
afterEach(async () => {
  for (const source of opened) await source.close();
  opened = [];
  await dropSlots();
});
afterAll(() => database?.drop());

const open = (over: Partial<CdcTableOptions> = {}): TableSource => {
  const source = openCdcTable({
    name,
    url: database.url,
    slot: name,
    publication: name,
    table: 'clinical_trials',
    key: ['trial_id', 'patient_id'],
    state,
    salt: 'pepper',
    seal: plainSeal,
    until: 'caught-up',
    onLost: 'snapshot',
    ...over,
  });
  opened.push(source);
  return source;
};
async function run(position: string | null, over: Partial<CdcTableOptions> = {}): Promise<SourcedRow[]> {
  const source = open(over);
  const rows = await take(source, position);
  await source.close();
  return rows;
}
const last = (rows: readonly SourcedRow[]): string => rows.at(-1)?.position ?? '';
const told = (rows: readonly SourcedRow[]): unknown[] => rows.map(({ change, row }) => [change, row['patient_id']]);
const rowsOf = (source: TableSource, position: string, signal = new AbortController().signal) =>
  source.read(position, signal)[Symbol.asyncIterator]();

/** An attempt that dies at its first row: none is safe. @returns what its checkpoint says */
async function dieAtFirstRow(position: string): Promise<string> {
  const source = open();
  let checkpoint = position;
  for await (const row of source.read(position, new AbortController().signal)) {
    if (!row.isMark) break;
    checkpoint = row.position;
    await source.acknowledge(checkpoint, []);
  }
  await source.close();
  return checkpoint;
}

test.each([
  ['was lost', dropSlots],
  ['tells that its table was truncated', () => query('CREATE TEMP TABLE kept AS TABLE clinical_trials; TRUNCATE clinical_trials; INSERT INTO clinical_trials TABLE kept; DROP TABLE kept')], // prettier-ignore
])('an attempt that dies with a new slot and no safe row loses nothing of what changed while the old one %s', async (_how, lose) => {
  await insertTrials(database.pool, 1, 4);
  const position = last(await run(null));
  await lose();
  await query(`DELETE FROM clinical_trials WHERE patient_id IN ('P1', 'P2')`);
  await insertTrials(database.pool, 5, 6);

  const checkpoint = await dieAtFirstRow(position);
  expect(await slots()).toBe(1);
  const rows = await run(checkpoint);
  expect(told(rows)).toHaveLength(4);
  expect(told(rows)).toEqual(
    expect.arrayContaining([
      ['delete', 'P1'],
      ['delete', 'P2'],
      ['insert', 'P5'],
      ['insert', 'P6'],
    ]),
  );
  await insertTrials(database.pool, 7, 7);
  expect(told(await run(last(rows)))).toEqual([['insert', 'P7']]);
});

test('no slot is made before it is safe that a snapshot is due, and nobody waits for that in vain', async () => {
  await insertTrials(database.pool, 1, 1);
  const position = last(await run(null));
  await dropSlots();
  const stop = new AbortController();
  const source = open();
  const rows = rowsOf(source, position, stop.signal);
  expect((await rows.next()).value).toMatchObject({ isMark: true, position: 'snapshot due' });
  const next = rows.next();
  // Of an older chunk, which ends within a snapshot: not what is waited for.
  await source.acknowledge('snapshot', []);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await slots()).toBe(0);
  stop.abort();
  await expect(next).rejects.toMatchObject({ code: 'JOB_STOPPED' });

  const closed = open();
  const others = rowsOf(closed, position);
  await others.next();
  const other = others.next();
  await closed.close();
  await expect(other).rejects.toMatchObject({ code: 'JOB_STOPPED' });
  expect(await slots()).toBe(0);
});

test('a snapshot in which nothing differs is whole, too: the next attempt makes no other', async () => {
  await insertTrials(database.pool, 1, 2);
  const position = last(await run(null));
  await dropSlots();
  const source = open();
  const marks: string[] = [];
  for await (const row of source.read(position, new AbortController().signal)) {
    marks.push(row.position);
    await source.acknowledge(row.position, []);
  }
  await source.close();
  expect(marks).toEqual(['snapshot due', expect.stringMatching(/^\w+\/\w+ 0 /)]);
  await query(`DELETE FROM clinical_trials WHERE patient_id = 'P1'`);
  expect(await run(marks[1] ?? '', { onLost: 'refuse' })).toMatchObject([{ change: 'delete', changedAtMs: expect.any(Number) }]);
});

test('a slot that was made anew for a truncation moves on while its table is idle', async () => {
  await insertTrials(database.pool, 1, 1);
  const position = last(await run(null));
  await insertTrials(database.pool, 2, 2);
  await query('TRUNCATE clinical_trials');
  const stop = new AbortController();
  const source = open({ until: 'signal', watchMs: 20 });
  const rows = rowsOf(source, position, stop.signal);
  // P2, the mark, and both rows that are gone; only ends of chunks are acknowledged.
  const [first, mark] = [await rows.next(), await rows.next()];
  expect([first.value?.row['patient_id'], mark.value?.isMark]).toEqual(['P2', true]);
  await source.acknowledge('snapshot due', [first.value?.memo ?? '']);
  const gone = [(await rows.next()).value, (await rows.next()).value];
  await source.acknowledge(gone[1]?.position ?? '', gone.map((row) => row?.memo ?? '')); // prettier-ignore
  const idle = rows.next();
  await query('CREATE TABLE other AS SELECT generate_series(1, 5000) AS n');
  const { rows: ends } = await query(`SELECT pg_current_wal_flush_lsn()::text AS at`);
  await query('DROP TABLE other');
  const isBehind = async () =>
    (await query(`SELECT FROM pg_replication_slots WHERE slot_name = '${name}' AND confirmed_flush_lsn < '${String(ends[0]?.['at'])}'`))
      .rows.length;
  const untilMs = performance.now() + 5_000;
  while ((await isBehind()) && performance.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await isBehind()).toBe(0);
  stop.abort();
  await expect(idle).rejects.toMatchObject({ code: 'JOB_STOPPED' });
});

test('keys of unchanged rows that were never kept, or open no more, are kept by the next snapshot: what vanishes later is told', async () => {
  const seal = { ...plainSeal, open: (sealed: string) => (sealed.startsWith('old') ? null : plainSeal.open(sealed)) };
  await insertTrials(database.pool, 1, 5);
  const position = last(await run(null, { seal }));
  const keys = [...state.sealed.keys()];
  // The first is of before keys were kept, the second was sealed by a key that is gone, the third without names of columns.
  state.sealed
    .set(keys[0] ?? '', null)
    .set(keys[1] ?? '', 'old')
    .set(keys[2] ?? '', plainSeal.seal('["T1","P9"]'));
  await dropSlots();
  expect(told(await run(position, { seal }))).toEqual([]);
  await dropSlots();
  await query('DELETE FROM clinical_trials');
  const notices: string[] = [];
  const gone = await run(position, { seal, onNotice: (sentence) => void notices.push(sentence) });
  expect(told(gone)).toHaveLength(5);
  expect(told(gone)).toEqual(expect.arrayContaining([1, 2, 3, 4, 5].map((n) => ['delete', `P${n}`])));
  expect(notices.filter((sentence) => sentence.includes('only a hash'))).toEqual([]);
});
