import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createPool, inTransaction } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { aDeidAlert, aDeidPatient, aDeidReading } from '../../fixtures/records.ts';
import { createSinkBench, drained, type SinkBench } from '../../fixtures/sink-bench.ts';
import { archiveManifest, archiveSpec, createArchiveSink } from '../archive/create-archive-sink.ts';
import { readArchive, refillTopic } from '../archive/refill-topic.ts';
import { createLakeSink, lakeManifest, lakeSpec } from '../lake/create-lake-sink.ts';
import { createFileManifest } from './file-manifest.ts';
import { removeFile } from './remove-file.ts';
import { rewindFiles } from './rewind-files.ts';

const { deidReadingAccepted, deidAlertRaised, deidPatientChanged, vitalsReadingReceived } = topics;
const limits = { maxRecords: 100, maxBytes: 1_000_000, maxWaitMs: 200, idleMs: 20 };
const key = { id: 'data1', secret: Buffer.alloc(32, 7) };

let warehouse: TestDatabase;
let vigil: TestDatabase;
let directory: string;
let bench: SinkBench;

beforeAll(async () => {
  warehouse = await createTestDatabase('vigil_warehouse');
  vigil = await createTestDatabase('vigil');
});
beforeEach(async () => {
  await warehouse.pool.query('TRUNCATE engine.lake_file, engine.sink_offset, engine.ledger_outbox');
  await vigil.pool.query('TRUNCATE engine.archive_segment, engine.sink_offset, engine.ledger_outbox');
  directory = await mkdtemp(join(tmpdir(), 'vigil-files-'));
});
afterEach(async () => {
  await bench?.stop();
  await rm(directory, { recursive: true });
});
afterAll(async () => {
  await warehouse?.drop();
  await vigil?.drop();
});

const aLake = (pool = warehouse.pool) => createLakeSink({ pool, directory, datasetVersion: 'v1', limits });
const anArchive = (pool = vigil.pool) => createArchiveSink({ pool, directory, key, limits });
const filesIn = async (): Promise<string[]> =>
  (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

const idsOf = (values: readonly { eventId?: unknown }[]): string[] =>
  values.map(({ eventId }) => String(eventId)).sort((a, b) => a.localeCompare(b));

/** What a reader of the lake gets: files of the view, nothing else. */
async function readLake(dataset: string): Promise<Record<string, unknown>[]> {
  const { rows } = await warehouse.pool.query<{ path: string }>('SELECT path FROM warehouse.lake_file WHERE dataset = $1 ORDER BY path', [
    dataset,
  ]);
  const read = await Promise.all(
    rows.map(async ({ path }) => parquetReadObjects({ file: new Uint8Array(await readFile(join(directory, path))).buffer })),
  );
  return read.flat() as Record<string, unknown>[];
}

test('records come back from Parquet as they were; names, times and metadata of the files tell nothing', async () => {
  bench = await createSinkBench({ spec: lakeSpec });
  const readings = [
    aDeidReading(1),
    aDeidReading(2, { excluded: [], flags: [], heartRate: null }),
    aDeidReading(3, { excluded: null, flags: null, pseudonym: null }),
  ];
  await bench.send(deidReadingAccepted, readings);
  await bench.send(deidAlertRaised, [aDeidAlert(1)]);
  await bench.send(deidPatientChanged, [aDeidPatient('d1.alice')]);
  await bench.send(deidPatientChanged, [null], { key: 'd1.bob' });
  const pool = createPool({ url: warehouse.url, applicationName: 'loader', role: 'vigil_loader_lake' });
  try {
    await drained(await bench.start(aLake(pool)), bench);
    await bench.stop();
  } finally {
    await pool.end();
  }

  const plain = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : (inner ?? null))));
  const back = plain(await readLake(deidReadingAccepted.name)) as Record<string, unknown>[];
  expect(back.sort((a, b) => String(a['eventId']).localeCompare(String(b['eventId'])))).toEqual(readings);
  expect(plain(await readLake(deidAlertRaised.name))).toMatchObject([
    { alertId: aDeidAlert(1).alertId, elapsedClearedMs: null, flags: ['AGE_UNKNOWN'] },
  ]);
  expect(await readLake(deidPatientChanged.name)).toMatchObject([{ pseudonym: 'd1.alice' }, { pseudonym: 'd1.bob', sex: null }]);

  for (const file of await filesIn()) {
    expect(file.slice(directory.length)).toMatch(/^\/deid\.[a-z.]+\.v1\/v1\/[0-9a-f-]{36}\.parquet$/);
    expect((await stat(file)).mtimeMs).toBe(0);
    const metadata = await parquetMetadataAsync(new Uint8Array(await readFile(file)).buffer);
    expect([metadata.created_by, metadata.key_value_metadata]).toEqual(['vigil', undefined]);
  }
  const { rows } = await warehouse.pool.query('SELECT * FROM warehouse.lake_file LIMIT 1');
  expect(Object.keys((rows as object[])[0] ?? {}).sort()).toEqual(['bytes', 'dataset', 'dataset_version', 'path', 'rows']);
});

test('what was written and never entered is removed by the next owner, and nothing is counted twice', async () => {
  bench = await createSinkBench({ spec: lakeSpec });
  const readings = Array.from({ length: 350 }, (_, index) => aDeidReading(index));
  await bench.send(deidReadingAccepted, readings);
  let failures = 3;
  const flaky = aLake();
  const breaking = {
    ...flaky,
    target: {
      ...flaky.target,
      // The file is written, then the manifest is out of reach.
      async write(batch: Parameters<typeof flaky.target.write>[0]) {
        if (failures-- <= 0) return flaky.target.write(batch);
        await warehouse.pool.query('ALTER TABLE engine.lake_file ADD CONSTRAINT nothing_enters CHECK (entered_at IS NULL)');
        try {
          return await flaky.target.write(batch);
        } catch (cause) {
          throw Object.assign(new Error('cut'), { code: 'ECONNRESET', cause });
        } finally {
          await warehouse.pool.query('ALTER TABLE engine.lake_file DROP CONSTRAINT nothing_enters');
        }
      },
    },
  };
  await drained(await bench.start(breaking), bench);

  expect(idsOf(await readLake(deidReadingAccepted.name))).toEqual(idsOf(readings));
  const { rows } = await warehouse.pool.query<{ entered: number; all: number }>(
    'SELECT count(entered_at)::int AS entered, count(*)::int AS all FROM engine.lake_file',
  );
  expect(rows[0]?.entered).toBe(rows[0]?.all);
  expect(await filesIn()).toHaveLength(rows[0]?.all ?? -1);
});

test('a predecessor can neither register a name nor enter a file', async () => {
  bench = await createSinkBench({ spec: lakeSpec });
  await bench.send(deidReadingAccepted, [aDeidReading(1)]);
  const old = aLake();
  const place = { topic: deidReadingAccepted.name, partition: 0 };
  await old.target.acquire([{ ...place, topicId: 't', startOffset: 0 }]);
  await aLake().target.acquire([{ ...place, topicId: 't', startOffset: 0 }]);
  const slice = { ...place, of: deidReadingAccepted, epoch: 1, startOffset: 0, nextOffset: 1, rejected: [] };
  const record = {
    offset: 0,
    timestamp: 0,
    key: 'k',
    value: aDeidReading(1),
    origin: { ...place, offset: 0, timestamp: 0 },
    batchId: null,
  };
  const batch = {
    sink: lakeSpec.name,
    partition: 0,
    nowMs: 0,
    slices: [{ ...slice, records: [{ ...record, raw: { ...record, key: null, value: null, headers: () => [] } }] }],
  };

  await expect(old.target.write(batch)).rejects.toMatchObject({ code: 'FENCED' });
  expect(await filesIn()).toEqual([]);
});

test('a file whose name is no longer registered cannot enter, and a removed file stays removed', async () => {
  const manifest = createFileManifest({ pool: warehouse.pool, sink: lakeSpec.name, directory, manifest: lakeManifest });
  const file = { id: '00000000-0000-4000-8000-000000000000', path: 'x/y.parquet' };
  await expect(inTransaction(warehouse.pool, (transaction) => manifest.enter(transaction, file, { rows: 1 }))).rejects.toMatchObject({
    code: 'FENCED',
  });

  const path = join(directory, 'plain');
  await writeFile(path, '');
  await removeFile(join(path, 'below-a-file'));
  await removeFile(path);
  await removeFile(path);
  await expect(removeFile(directory)).rejects.toMatchObject({ code: 'DISK_UNWRITABLE' });
});

test('a batch without records makes no file', async () => {
  const { target } = aLake();
  const place = { topic: deidReadingAccepted.name, partition: 0 };
  await target.acquire([{ ...place, topicId: 't', startOffset: 0 }]);
  const slice = { ...place, of: deidReadingAccepted, epoch: 1, startOffset: 0, nextOffset: 1, rejected: [], records: [] };
  await target.write({ sink: lakeSpec.name, partition: 0, nowMs: 0, slices: [slice] });
  expect(await filesIn()).toEqual([]);
});

test('a rewound lake goes back by whole files and holds the same records again', async () => {
  bench = await createSinkBench({ spec: lakeSpec });
  const readings = Array.from({ length: 250 }, (_, index) => aDeidReading(index));
  await bench.send(deidReadingAccepted, readings);
  const stage = await bench.start(aLake());
  await drained(stage, bench);
  const options = { pool: warehouse.pool, sink: lakeSpec.name, manifest: lakeManifest, topic: deidReadingAccepted.name, partition: 0 };

  expect(await rewindFiles({ ...options, toOffset: 120 })).toBe(100);
  expect(await readLake(deidReadingAccepted.name)).toHaveLength(100);
  await bench.send(deidReadingAccepted, [aDeidReading(250)]);
  await drained(stage, bench);
  expect(idsOf(await readLake(deidReadingAccepted.name))).toEqual(idsOf([...readings, aDeidReading(250)]));
  expect(await filesIn()).toHaveLength((await warehouse.pool.query('SELECT FROM engine.lake_file')).rowCount ?? -1);
  expect(await rewindFiles({ ...options, toOffset: 251 })).toBe(251);
});

test('a disk that cannot be written pauses the loader, and it goes on when it can', async () => {
  bench = await createSinkBench({ spec: lakeSpec });
  await bench.send(deidReadingAccepted, [aDeidReading(1)]);
  const blocked = join(directory, deidReadingAccepted.name);
  await writeFile(blocked, 'in the way');
  const stage = await bench.start(aLake());
  while (stage.health().state !== 'waiting') {
    if (stage.health().state === 'failed') await stage.finished;
    await new Promise((resolve) => void setTimeout(resolve, 1));
  }
  await rm(blocked);
  await drained(stage, bench);
  expect(await readLake(deidReadingAccepted.name)).toHaveLength(1);
});

const messages = [Buffer.from('{"heart_rate": 80}'), Buffer.from([0, 1, 2, 0xff]), Buffer.alloc(0), null, Buffer.alloc(300_000, 'x')];
const headers = [
  ['trace', Buffer.from([1, 2])],
  ['trace', Buffer.from('again')],
  ['empty', Buffer.alloc(0)],
  ['nothing', null],
] as const;

test('a topic can be refilled from the archive byte for byte', async () => {
  bench = await createSinkBench({ spec: archiveSpec }, 2);
  await bench.send(vitalsReadingReceived, messages, { headers, key: 'MON-1' });
  await bench.send(
    vitalsReadingReceived,
    Array.from({ length: 250 }, (_, index) => Buffer.from(`m${index}`)),
    { partition: 1 },
  );
  const pool = createPool({ url: vigil.url, applicationName: 'loader', role: 'vigil_loader_archive' });
  try {
    await drained(await bench.start(anArchive(pool)), bench);
    await bench.stop();
  } finally {
    await pool.end();
  }

  bench.broker.createTopic('refilled', 2);
  const producer = await bench.broker.connect().openIdempotentProducer();
  const archive = { pool: vigil.pool, directory, keyOf: (id: string) => (id === key.id ? key : undefined) };
  expect(await refillTopic({ ...archive, scope: { topic: vitalsReadingReceived.name }, producer, into: 'refilled' })).toBe(255);

  for (const partition of [0, 1]) {
    const bytes = (topic: string) =>
      bench.broker
        .log({ topic, partition })
        .read(0, 1_000)
        .records.map((record) => [record.offset, record.key, record.value, record.headers()]);
    expect(bytes('refilled')).toEqual(bytes(vitalsReadingReceived.name));
  }
});

test('the archive shows nothing to who has no key, and notices every change', async () => {
  bench = await createSinkBench({ spec: archiveSpec });
  await bench.send(vitalsReadingReceived, [Buffer.from('CANARY-MRN-12345')], { key: 'CANARY-DEVICE' });
  await drained(await bench.start(anArchive()), bench);
  const [file = ''] = await filesIn();
  expect(file.slice(directory.length)).toMatch(/^\/vitals\.reading\.received\.v1\/0\/[0-9a-f-]{36}\.segment$/);
  const sealed = await readFile(file);
  expect(sealed.includes('CANARY')).toBe(false);

  const scope = { topic: vitalsReadingReceived.name };
  const read = async (keyOf: (id: string) => typeof key | undefined, at: { fromTimestamp?: number } = {}) => {
    const found: string[] = [];
    for await (const { records } of readArchive({ pool: vigil.pool, directory, keyOf }, { ...scope, ...at })) {
      found.push(...records.map(({ value }) => String(value)));
    }
    return found;
  };
  expect(await read(() => key)).toEqual(['CANARY-MRN-12345']);
  expect(await read(() => key, { fromTimestamp: Date.now() + 60_000 })).toEqual([]);
  await expect(read(() => undefined)).rejects.toMatchObject({ code: 'BAD_SEGMENT' });
  await expect(read(() => ({ ...key, secret: Buffer.alloc(32, 8) }))).rejects.toMatchObject({ code: 'BAD_SEGMENT' });
  sealed[sealed.length - 20] = (sealed[sealed.length - 20] ?? 0) ^ 1;
  await writeFile(file, sealed);
  await expect(read(() => key)).rejects.toMatchObject({ code: 'BAD_SEGMENT' });
  await rm(file);
  await expect(read(() => key)).rejects.toMatchObject({ code: 'BAD_SEGMENT' });
});

test('a rewound archive holds every record once', async () => {
  bench = await createSinkBench({ spec: archiveSpec });
  await bench.send(
    vitalsReadingReceived,
    Array.from({ length: 150 }, (_, index) => Buffer.from(`m${index}`)),
  );
  const stage = await bench.start(anArchive());
  await drained(stage, bench);
  const options = { pool: vigil.pool, sink: archiveSpec.name, manifest: archiveManifest, topic: vitalsReadingReceived.name, partition: 0 };
  await rewindFiles({ ...options, toOffset: 10 });
  await bench.send(vitalsReadingReceived, [Buffer.from('m150')]);
  await drained(stage, bench);

  const offsets: number[] = [];
  for await (const { records } of readArchive({ pool: vigil.pool, directory, keyOf: () => key }, { topic: vitalsReadingReceived.name })) {
    offsets.push(...records.map(({ offset }) => offset));
  }
  expect(offsets).toEqual(Array.from({ length: 151 }, (_, index) => index));
});
