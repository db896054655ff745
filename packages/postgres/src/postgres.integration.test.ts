import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createLedgerBook, topics, type BatchProgressed } from '@vigil/contracts';
import type { SinkBatch, SinkLease, SinkRecord, SinkSlice } from '@vigil/kafka';
import { createFaultyLink, createTestDatabase, type CutOf, type TestDatabase } from '@vigil/testing';
import { VigilError } from '@vigil/core';
import { readPositions } from './fenced-positions.ts';
import { migrate } from './migrate.ts';
import { createPool } from './pool.ts';
import { createPostgresTarget } from './postgres-target.ts';
import { deleteBySource, rewindSink } from './rewind-sink.ts';
import { inTransaction, type Transaction } from './transaction.ts';

const topic = topics.identityObserved;
const sink = 'warehouse-loader.operational';
const place = { topic: topic.name, partition: 0 };
const request = { ...place, topicId: 'id-1', startOffset: 5 };

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase('vigil');
  await database.pool.query('CREATE TABLE written (n int, src_topic text, src_partition int, src_offset bigint)');
});

beforeEach(async () => {
  await database.pool.query('TRUNCATE written, engine.sink_offset, engine.ledger_outbox');
});

afterAll(() => database?.drop());

const aTarget = (writeRows?: (transaction: Transaction, batch: SinkBatch) => Promise<void>) =>
  createPostgresTarget({
    pool: database.pool,
    sink,
    async writeRows(transaction, batch) {
      for (const slice of batch.slices) {
        for (const { offset } of slice.records) {
          await transaction.query('INSERT INTO written VALUES ($1, $2, $3, $4)', [offset, slice.topic, slice.partition, offset]);
        }
      }
      await writeRows?.(transaction, batch);
      return batch.slices.map(({ records }) => ({ outputs: { written: records.length } }));
    },
  });

const aBatch = (slice: Partial<SinkSlice>, offsets: readonly number[] = []): SinkBatch => ({
  sink,
  partition: 0,
  nowMs: 1,
  slices: [
    {
      ...place,
      of: topic,
      epoch: 1,
      startOffset: 5,
      nextOffset: 8,
      rejected: [],
      records: offsets.map((offset) => ({ offset, batchId: null }) as SinkRecord),
      ...slice,
    },
  ],
});

const written = async (): Promise<number[]> =>
  (await database.pool.query<{ n: number }>('SELECT n FROM written ORDER BY n')).rows.map(({ n }) => n);

test('a sink starts where the log starts, and goes on from where it left', async () => {
  const target = aTarget();
  expect(await target.acquire([request])).toEqual([{ ...place, epoch: 1, nextOffset: 5 }]);
  await target.write(aBatch({}, [5, 6, 7]));

  expect(await target.acquire([{ ...request, startOffset: 0 }])).toEqual([{ ...place, epoch: 2, nextOffset: 8 }]);
  expect(await written()).toEqual([5, 6, 7]);
  expect(await readPositions(database.pool, sink)).toEqual([{ sink, ...place, nextOffset: 8, epoch: 2 }]);
  expect(await readPositions(database.pool, 'another')).toEqual([]);
});

test('a predecessor writes nothing, and neither does who is at another position', async () => {
  const target = aTarget();
  await target.acquire([request]);
  await target.acquire([request]);

  await expect(target.write(aBatch({ epoch: 1 }, [5]))).rejects.toMatchObject({ code: 'FENCED' });
  await expect(target.write(aBatch({ epoch: 2, startOffset: 6 }, [6]))).rejects.toMatchObject({ code: 'FENCED' });
  expect(await written()).toEqual([]);
});

test('a position of a recreated topic is refused, for all partitions of the request', async () => {
  const target = aTarget();
  await target.acquire([request]);
  const other = { ...request, partition: 1 };

  await expect(target.acquire([other, { ...request, topicId: 'id-2' }])).rejects.toMatchObject({ code: 'TOPIC_RECREATED' });
  expect(await readPositions(database.pool)).toHaveLength(1);
});

test('rows, position and ledger stand or fall together', async () => {
  const target = aTarget(() => Promise.reject(new VigilError('ROW_REFUSED')));
  await target.acquire([request]);
  await expect(target.write(aBatch({}, [5, 6]))).rejects.toMatchObject({ code: 'ROW_REFUSED' });

  expect(await written()).toEqual([]);
  expect((await readPositions(database.pool))[0]?.nextOffset).toBe(5);
  expect((await database.pool.query('SELECT FROM engine.ledger_outbox')).rowCount).toBe(0);
});

test('ledger rows are published once in order, and stay when publishing fails', async () => {
  const target = aTarget();
  await target.acquire([request]);
  await target.write(aBatch({}, [5]));
  await target.write(aBatch({ startOffset: 8, nextOffset: 10 }, [8, 9]));
  await expect(target.relayLedger(() => Promise.reject(new VigilError('KAFKA_AWAY')))).rejects.toMatchObject({ code: 'KAFKA_AWAY' });

  const published: BatchProgressed[] = [];
  expect(await target.relayLedger((rows) => Promise.resolve(void published.push(...rows)))).toBe(2);
  expect(await target.relayLedger(() => Promise.reject(new Error('called for nothing')))).toBe(0);
  expect(published.map(({ firstOffset, consumed, outputs }) => [firstOffset, consumed, outputs])).toEqual([
    [5, 1, { written: 1 }],
    [8, 2, { written: 2 }],
  ]);
});

test('rows whose session is cut while they are published are published again as they were', async () => {
  const pool = createPool({ url: database.url, applicationName: 'slow relay', idleInTransactionTimeoutMs: 50 });
  const target = createPostgresTarget({ pool, sink, writeRows: () => Promise.resolve([{ outputs: {} }]) });
  const published: (readonly BatchProgressed[])[] = [];
  const isCut = async (): Promise<boolean> =>
    (await database.pool.query(`SELECT FROM pg_stat_activity WHERE application_name = 'slow relay' AND state LIKE 'idle in%'`)).rowCount ===
    0;
  try {
    await target.acquire([request]);
    await target.write(aBatch({}, [5, 6]));
    await target.write(aBatch({ startOffset: 8, nextOffset: 10 }, [8, 9]));
    const relay = target.relayLedger(async (rows) => {
      published.push(rows);
      while (!(await isCut()));
    });
    await expect(relay).rejects.toMatchObject({ code: 'DATABASE_AWAY' });
    expect(await target.relayLedger((rows) => Promise.resolve(void published.push(rows)))).toBe(2);

    expect(published[1]).toEqual(published[0]);
    const book = createLedgerBook();
    for (const row of published.flat()) book.enter(row);
    expect(book.totals()).toMatchObject([{ stage: sink, topic: topic.name, consumed: 4 }]);
  } finally {
    await pool.end();
  }
});

test('a batch that only moves a position leaves no ledger row; many rows are published in one go', async () => {
  const target = aTarget();
  await target.acquire([{ ...request, topicId: null }]);
  await target.write(aBatch({}));
  expect(await target.relayLedger(() => Promise.reject(new Error('called for nothing')))).toBe(0);

  await database.pool.query(`INSERT INTO engine.ledger_outbox (sink, entry) SELECT $1, '{}' FROM generate_series(1, 1201)`, [sink]);
  const sizes: number[] = [];
  expect(await target.relayLedger((rows) => Promise.resolve(void sizes.push(rows.length)))).toBe(1201);
  expect(sizes).toEqual([500, 500, 201]);
});

test('a sink knows whether it still holds what it left', async () => {
  const target = aTarget();
  const [lease] = await target.acquire([request]);
  const held = lease as SinkLease;
  expect(await target.holds([held])).toBe(true);
  expect(await target.holds([{ ...held, nextOffset: 6 }])).toBe(false);
  await aTarget().acquire([request]);
  expect(await target.holds([held])).toBe(false);

  const away = createPool({ url: 'postgres://127.0.0.1:9/none', applicationName: 'test', connectTimeoutMs: 500 });
  const writeRows = () => Promise.resolve([]);
  await expect(createPostgresTarget({ pool: away, sink, writeRows }).holds([held])).rejects.toMatchObject({ code: 'DATABASE_AWAY' });
  await away.end();
});

test('a zombie that holds the row lock is ended, and its successor takes over within the lock time-out', async () => {
  const reached = Promise.withResolvers<void>();
  const woken = Promise.withResolvers<void>();
  const zombie = aTarget(async () => {
    reached.resolve();
    await woken.promise;
  });
  await zombie.acquire([request]);
  const zombieWrite = zombie.write(aBatch({}, [5]));
  // Waited for below; it must not count as unhandled meanwhile.
  zombieWrite.catch(() => undefined);
  await reached.promise;

  const successor = aTarget();
  expect(await successor.acquire([request])).toEqual([{ ...place, epoch: 2, nextOffset: 5 }]);
  await successor.write(aBatch({ epoch: 2 }, [5]));
  woken.resolve();

  await expect(zombieWrite).rejects.toMatchObject({ kind: expect.stringMatching(/transient|dependency/) });
  expect(await written()).toEqual([5]);
});

test('a connection that is cut while writing leaves a position that tells what happened', async () => {
  const cut = aTarget(async (transaction) => {
    const { rows } = await transaction.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
  });
  await cut.acquire([request]);
  await expect(cut.write(aBatch({}, [5]))).rejects.toMatchObject({ code: 'DATABASE_AWAY' });

  const [lease] = await aTarget().acquire([request]);
  expect([lease?.nextOffset, await written()]).toEqual([5, []]);
});

test.each<[CutOf, number]>([
  ['request', 5],
  ['answer', 8],
])('a commit whose %s was lost: the position in the database tells, and each row is there once', async (of, nextOffset) => {
  const direct = new URL(database.url);
  const link = await createFaultyLink({
    listen: { host: '127.0.0.1', port: 0 },
    target: { host: direct.hostname, port: Number(direct.port) },
  });
  const through = new URL(database.url);
  through.port = String(link.address.port);
  const pool = createPool({ url: through.href, applicationName: 'cut at commit' });
  const target = createPostgresTarget({
    pool,
    sink,
    async writeRows(transaction, { slices }) {
      const offsets = slices.flatMap(({ records }) => records.map(({ offset }) => offset));
      for (const offset of offsets) await transaction.query('INSERT INTO written VALUES ($1)', [offset]);
      return slices.map(({ records }) => ({ outputs: { written: records.length } }));
    },
  });
  const everything = [5, 6, 7];
  try {
    await target.acquire([request]);
    const cut = link.cutNext({ of, matches: (bytes) => bytes.includes('COMMIT') });
    await expect(target.write(aBatch({}, everything))).rejects.toMatchObject({ kind: expect.stringMatching(/transient|dependency/) });
    await cut;

    const [lease] = await target.acquire([request]);
    expect(lease?.nextOffset).toBe(nextOffset);
    const left = everything.filter((offset) => offset >= nextOffset);
    if (left.length > 0) await target.write(aBatch({ epoch: 2 }, left));
    expect(await written()).toEqual(everything);
  } finally {
    await pool.end();
    await link.close();
  }
});

test('a commit that was rolled back by the database is not taken for one', async () => {
  const swallowed = inTransaction(database.pool, async (transaction) => {
    await transaction.query('INSERT INTO written VALUES (1)');
    await transaction.query('SELECT 1 / 0').catch(() => undefined);
  });
  await expect(swallowed).rejects.toMatchObject({ code: 'DATABASE_CONFLICT' });
  expect(await written()).toEqual([]);
});

test('a rewind deletes what came from the offset on and fences the running sink', async () => {
  const target = aTarget();
  await target.acquire([request]);
  await target.write(aBatch({}, [5, 6, 7]));
  const rewind = { pool: database.pool, sink, ...place, deleteRows: deleteBySource(['written']) };

  expect(await rewindSink({ ...rewind, toOffset: 6 })).toBe(2);
  await expect(target.write(aBatch({ startOffset: 8, nextOffset: 9 }, [8]))).rejects.toMatchObject({ code: 'FENCED' });
  const [lease] = await target.acquire([request]);
  expect(lease?.nextOffset).toBe(6);
  await target.write(aBatch({ epoch: lease?.epoch ?? 0, startOffset: 6 }, [6, 7]));
  expect(await written()).toEqual([5, 6, 7]);
  await expect(rewindSink({ ...rewind, toOffset: 99 })).rejects.toMatchObject({ code: 'BAD_USAGE' });
});

test('a database that is away, unknown or not migrated says which', async () => {
  const away = createPool({ url: 'postgres://127.0.0.1:9/none', applicationName: 'test', connectTimeoutMs: 500 });
  await expect(inTransaction(away, () => Promise.resolve())).rejects.toMatchObject({ code: 'DATABASE_AWAY' });
  await away.end();

  const missing = inTransaction(database.pool, (transaction) => transaction.query('SELECT * FROM nowhere'));
  await expect(missing).rejects.toMatchObject({ code: 'DATABASE_NOT_MIGRATED' });
  await expect(inTransaction(database.pool, () => Promise.reject(new TypeError('our bug')))).rejects.toBeInstanceOf(TypeError);
});

test('a service has the rights of its role only', async () => {
  const pool = createPool({ url: database.url, applicationName: 'test', role: 'vigil_loader_archive', maxConnections: 1 });
  try {
    const { rows } = await pool.query<{ current_user: string }>('SELECT current_user');
    expect(rows[0]?.current_user).toBe('vigil_loader_archive');
    await expect(inTransaction(pool, (transaction) => transaction.query('SELECT * FROM clinical.patient_identity'))).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
    });
  } finally {
    await pool.end();
  }
});

test('migrating twice at once applies each migration once; a lock that a dead migrator left is no obstacle', async () => {
  expect(await Promise.all([migrate(database.url, 'vigil'), migrate(database.url, 'vigil')])).toEqual([[], []]);
  await database.pool.query('UPDATE vigil_migration_lock SET is_locked = 1');
  expect(await migrate(database.url, 'vigil')).toEqual([]);
  await expect(migrate('postgres://127.0.0.1:9/none', 'vigil')).rejects.toMatchObject({ code: 'DATABASE_AWAY' });
});
