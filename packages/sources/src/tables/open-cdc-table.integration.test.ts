import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { Client } from 'pg';
import { createMemoryState, createTrialsSql, insertTrials, patientsOf, plainSeal, take } from '../../test-support/trials.ts';
import { openCdcTable, type CdcTableOptions, type SourcedRow, type TableSource } from '../index.ts';

let database: TestDatabase;
let state: ReturnType<typeof createMemoryState>;
let name: string;
let opened: TableSource[] = [];
const query = (sql: string): Promise<{ rows: Record<string, unknown>[] }> => database.pool.query(sql);
/** A reader that went away holds its slot for a moment. */
async function dropSlots(): Promise<void> {
  const count = async (): Promise<number> =>
    (await query('SELECT FROM pg_replication_slots WHERE database = current_database()')).rows.length;
  while ((await count()) > 0)
    await query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database() AND NOT active');
}

beforeAll(async () => {
  database = await createTestDatabase('vigil');
});
beforeEach(async () => {
  state = createMemoryState();
  name = `research_${Math.floor(performance.now() * 1000).toString(36)}`;
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
    onLost: 'refuse',
    ...over,
  });
  opened.push(source);
  return source;
};
/** One run: reads to the end, says that it is safe, and closes. */
async function run(position: string | null, over: Partial<CdcTableOptions> = {}, most = Infinity): Promise<SourcedRow[]> {
  const source = open(over);
  const rows = await take(source, position, most);
  await source.close();
  return rows;
}
const told = (rows: readonly SourcedRow[]): unknown[] =>
  rows.map(({ change, row }) => [change, row['patient_id'], row['completion_status']]);
const last = (rows: readonly SourcedRow[]): string => rows.at(-1)?.position ?? '';

test('first the table as it is when the slot begins, then every change in order, each once', async () => {
  await insertTrials(database.pool, 1, 10);
  const snapshot = await run(null);
  expect(patientsOf(snapshot)).toEqual(Array.from({ length: 10 }, (_, index) => `P${index + 1}`).sort());

  const before = Date.now();
  await insertTrials(database.pool, 11, 11);
  await query(`UPDATE clinical_trials SET completion_status = 'completed' WHERE patient_id = 'P2'`);
  await query(
    `BEGIN; DELETE FROM clinical_trials WHERE patient_id = 'P1'; UPDATE clinical_trials SET patient_id = 'P99' WHERE patient_id = 'P4'; COMMIT`,
  );
  const changes = await run(last(snapshot));
  expect(told(changes)).toEqual([
    ['insert', 'P11', 'ongoing'],
    ['update', 'P2', 'completed'],
    ['delete', 'P1', 'ongoing'],
    ['delete', 'P4', 'ongoing'],
    ['insert', 'P99', 'ongoing'],
  ]);
  expect(changes[1]?.row).toEqual({
    trial_id: 'T1',
    patient_id: 'P2',
    enrollment_date: '2024-01-03',
    treatment_arm: 'Arm 0',
    primary_endpoint_value: '0.2500',
    secondary_endpoints: '{"a" : 2, "note" : "x, \\"y\\" \\\\ (z)"}',
    adverse_events: null,
    completion_status: 'completed',
  });
  expect(Math.abs((changes[0]?.changedAtMs ?? 0) - before)).toBeLessThan(60_000);
  expect(await run(last(changes))).toEqual([]);
  // Hashes of changes are those that a look at the whole table makes: nothing differs.
  await dropSlots();
  expect(await run(last(changes), { onLost: 'snapshot' })).toEqual([]);
});

test('a reader that dies goes on behind the last safe row, in the middle of a transaction too', async () => {
  const empty = await run(null);
  expect(empty).toEqual([]);
  await insertTrials(database.pool, 1, 1);
  const first = await run(null);
  await insertTrials(database.pool, 2, 9);
  await insertTrials(database.pool, 10, 12);
  const some = await run(last(first), {}, 3);
  // Three of eight are safe; the slot still tells the whole transaction.
  const rest = await run(last(some));
  expect([...some, ...rest].map(({ row }) => row['patient_id'])).toEqual(Array.from({ length: 11 }, (_, index) => `P${index + 2}`));
  // What was safe and not acknowledged, since its reader died between the two, is told by the slot again and passed over.
  const unacknowledged = open();
  await insertTrials(database.pool, 13, 14);
  const rows: SourcedRow[] = [];
  for await (const row of unacknowledged.read(last(rest), new AbortController().signal)) rows.push(row);
  await unacknowledged.close();
  expect(patientsOf(rows)).toEqual(['P13', 'P14']);
  expect(await run(last(rows))).toEqual([]);
});

test('a snapshot that breaks off begins anew, and what is safe of it is not told again', async () => {
  await insertTrials(database.pool, 1, 10);
  const some = await run(null, {}, 4);
  await query(`UPDATE clinical_trials SET completion_status = 'x' WHERE patient_id = '${String(some[0]?.row['patient_id'])}'`);
  const rest = await run(last(some));
  expect(rest).toHaveLength(7);
  expect(patientsOf([...some, ...rest])).toHaveLength(11);
  expect(new Set(patientsOf([...some, ...rest])).size).toBe(10);
});

test('commits that stand side by side in the log are both told, though only the first was acknowledged', async () => {
  await insertTrials(database.pool, 1, 1);
  let position = last(await run(null));
  let sideBySide = 0;
  const [a, b] = [new Client(database.url), new Client(database.url)];
  await Promise.all([a.connect(), b.connect()]);
  // Whatever else the server writes may come between them.
  for (let round = 0; sideBySide === 0 && round < 60; round++) {
    for (const [index, client] of [a, b].entries())
      await client.query(`BEGIN; INSERT INTO clinical_trials (trial_id, patient_id) VALUES ('T2', 'R${round}-${index}')`);
    await a.query('COMMIT');
    await b.query('COMMIT');
    const [first] = await run(position, {}, 1);
    const [second] = await run(first?.position ?? '');
    expect(patientsOf([first as SourcedRow, second as SourcedRow])).toEqual([`R${round}-0`, `R${round}-1`]);
    const [, , end] = (first as SourcedRow).position.split(' ');
    if (end === (second as SourcedRow).position.split(' ')[0]) sideBySide++;
    position = (second as SourcedRow).position;
  }
  await Promise.all([a.end(), b.end()]);
  expect(sideBySide).toBeGreaterThan(0);
});

test('an idle slot moves on with the log, and not past what is not safe', async () => {
  await insertTrials(database.pool, 1, 1);
  const position = last(await run(null));
  const confirmed = async (): Promise<string> => {
    const { rows } = await query(`SELECT (confirmed_flush_lsn - '0/0')::text AS at FROM pg_replication_slots WHERE slot_name = '${name}'`);
    return String(rows[0]?.['at']);
  };
  const source = open({ until: 'signal', watchMs: 20 });
  const stop = new AbortController();
  const rows = source.read(position, stop.signal)[Symbol.asyncIterator]();
  const next = rows.next();
  await query('CREATE TABLE other AS SELECT generate_series(1, 5000) AS n');
  const { rows: ends } = await query(`SELECT (pg_current_wal_flush_lsn() - '0/0')::text AS at`);
  const end = Number(ends[0]?.['at']);
  while (Number(await confirmed()) < end) await new Promise((resolve) => setTimeout(resolve, 20));

  await insertTrials(database.pool, 2, 2);
  expect((await next).value?.row['patient_id']).toBe('P2');
  expect(source.health?.()).toBe('ok');
  const before = Number(await confirmed());
  await query('DROP TABLE other');
  const following = rows.next();
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(Number(await confirmed())).toBe(before);
  stop.abort();
  await expect(following).rejects.toMatchObject({ code: 'JOB_STOPPED' });
});

test('a slot that is gone is a failure that says the way back; a new snapshot publishes what differs and what is gone', async () => {
  await insertTrials(database.pool, 1, 5);
  const position = last(await run(null));
  await dropSlots();
  await query(`UPDATE clinical_trials SET completion_status = 'completed' WHERE patient_id = 'P3'`);
  await query(`DELETE FROM clinical_trials WHERE patient_id IN ('P1', 'P4')`);
  await insertTrials(database.pool, 6, 6);
  await expect(run(position)).rejects.toMatchObject({
    code: 'SLOT_LOST',
    kind: 'config',
    message: expect.stringContaining('run the task with snapshot: again'),
  });

  const again = await run(position, { onLost: 'snapshot' });
  expect(told(again)).toHaveLength(4);
  expect(told(again)).toEqual(
    expect.arrayContaining([
      ['insert', 'P6', ''],
      ['update', 'P3', 'completed'],
      ['delete', 'P1', undefined],
      ['delete', 'P4', undefined],
    ]),
  );
  expect(again.find(({ change }) => change === 'delete')?.row).toMatchObject({ trial_id: 'T1' });
  await insertTrials(database.pool, 7, 7);
  expect(patientsOf(await run(last(again)))).toEqual(['P7']);
  // Told once: they are forgotten by then.
  await dropSlots();
  expect(await run(last(again), { onLost: 'snapshot' })).toEqual([]);
});

test('rows that came or changed by the log are missed, too, and a snapshot that breaks off tells the rest of them', async () => {
  await insertTrials(database.pool, 1, 4);
  const first = await run(null);
  await insertTrials(database.pool, 5, 12);
  await query(`UPDATE clinical_trials SET patient_id = 'P99' WHERE patient_id = 'P2'`);
  const position = last(await run(last(first)));
  await dropSlots();
  await query('DELETE FROM clinical_trials');
  const some = await run(position, { onLost: 'snapshot' }, 5);
  const rest = await run(last(some), { onLost: 'snapshot' });
  const gone = [...some, ...rest];

  expect(gone.map(({ change }) => change)).toEqual(Array.from({ length: 12 }, () => 'delete'));
  expect(patientsOf(gone)).toEqual([...[1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((n) => `P${n}`), 'P99'].sort());
  expect(state.rows.size).toBe(0);
});

test('of rows that are gone, and whose key does not open any more, only their number is told', async () => {
  await insertTrials(database.pool, 1, 3);
  const position = last(await run(null));
  await dropSlots();
  await query(`DELETE FROM clinical_trials WHERE patient_id <> 'P1'`);
  const notices: string[] = [];
  const lost = {
    onLost: 'snapshot',
    seal: { ...plainSeal, open: () => null },
    onNotice: (sentence: string) => void notices.push(sentence),
  } as const;
  expect(await run(position, lost)).toEqual([]);
  const counted = notices.flatMap((sentence) => /^(\d+) rows are gone of which only a hash is known/.exec(sentence)?.[1] ?? []);
  expect(counted.reduce((sum, text) => sum + Number(text), 0)).toBe(2);
});

test('a slot that kept more than it may is lost, and noticed', async () => {
  await insertTrials(database.pool, 1, 1);
  const position = last(await run(null));
  await query(`ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'`);
  await query('SELECT pg_reload_conf()');
  try {
    const status = async (): Promise<unknown> =>
      (await query(`SELECT wal_status AS status FROM pg_replication_slots WHERE slot_name = '${name}'`)).rows[0]?.['status'];
    while ((await status()) !== 'lost') {
      await query('SELECT pg_logical_emit_message(false, $$x$$, $$y$$), pg_switch_wal()');
      await query('CHECKPOINT');
    }
    await expect(run(position)).rejects.toMatchObject({ code: 'SLOT_LOST', message: expect.stringContaining('max_slot_wal_keep_size') });
  } finally {
    await query('ALTER SYSTEM RESET max_slot_wal_keep_size');
    await query('SELECT pg_reload_conf()');
  }
});

test('a connection that is cut in the middle of the stream is a source that is away, and nothing is lost', async () => {
  await insertTrials(database.pool, 1, 1);
  const position = last(await run(null));
  const source = open({ until: 'signal' });
  const rows = source.read(position, new AbortController().signal)[Symbol.asyncIterator]();
  const next = rows.next();
  await insertTrials(database.pool, 2, 2);
  await next;
  const cut = rows.next();
  await query(`SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${name}'`);
  await expect(cut).rejects.toMatchObject({ code: 'SOURCE_AWAY', kind: 'dependency' });
  await source.close();
  expect(patientsOf(await run(position))).toEqual(['P2']);
});

test('a slot that an earlier reader still holds is waited for by the next attempt', async () => {
  await insertTrials(database.pool, 1, 1);
  const position = last(await run(null));
  const earlier = open({ until: 'signal' }).read(position, new AbortController().signal)[Symbol.asyncIterator]();
  const next = earlier.next();
  await insertTrials(database.pool, 2, 2);
  await next;
  await expect(run(position)).rejects.toMatchObject({
    code: 'SOURCE_AWAY',
    message: expect.stringContaining('still held by an earlier reader'),
  });
  await earlier.return?.();
});

test('a table whose updates could not be told is refused before its users notice, as are keyless and foreign ones', async () => {
  await query('ALTER TABLE clinical_trials REPLICA IDENTITY DEFAULT');
  await expect(run(null)).rejects.toMatchObject({
    code: 'TABLE_UNFIT',
    message: expect.stringContaining('ALTER TABLE public.clinical_trials REPLICA IDENTITY FULL'),
  });
  await expect(run(null, { key: [] })).rejects.toMatchObject({ code: 'TABLE_WITHOUT_KEY' });
  await query('ALTER TABLE clinical_trials REPLICA IDENTITY FULL');
  await query(`CREATE PUBLICATION ${name} FOR ALL TABLES`);
  await expect(run(null)).rejects.toThrow('does not hold public.clinical_trials alone');
  await query(`DROP PUBLICATION ${name}`);
});

test('a table that was truncated says that a new snapshot is due', async () => {
  await insertTrials(database.pool, 1, 1);
  const position = last(await run(null));
  await query('TRUNCATE clinical_trials');
  await insertTrials(database.pool, 2, 3);
  await expect(run(position)).rejects.toThrow('It was truncated: run the task with snapshot: again.');

  const again = await run(position, { onLost: 'snapshot' });
  expect(told(again)).toHaveLength(3);
  expect(told(again)).toEqual(
    expect.arrayContaining([
      ['delete', 'P1', undefined],
      ['insert', 'P2', 'ongoing'],
      ['insert', 'P3', ''],
    ]),
  );
  await insertTrials(database.pool, 4, 4);
  expect(patientsOf(await run(last(again)))).toEqual(['P4']);
});
