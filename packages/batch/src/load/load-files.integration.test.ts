import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createPool } from '@vigil/postgres';
import { createSeededRandom, createTestDatabase, type TestDatabase } from '@vigil/testing';
import { liveUntilKilled } from '../../test-support/live-until-killed.ts';
import type { LoadChildOrder } from '../../test-support/load-child.ts';
import { loadRequest } from '../../test-support/load-request.ts';
import { createFileDesk, extractFiles, type ExtractRequest } from '../index.ts';

let operational: TestDatabase;
let warehouse: TestDatabase;
/** As the worker's: it may add rows, and neither read nor change them. */
let worker: ReturnType<typeof createPool>;
beforeAll(async () => {
  operational = await createTestDatabase('vigil');
  warehouse = await createTestDatabase('vigil_warehouse');
  worker = createPool({ url: warehouse.url, applicationName: 'load test', role: 'vigil_worker' });
}, 60_000);
afterAll(async () => {
  await worker.end();
  await warehouse.drop();
  await operational.drop();
});

let home: string;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'vigil-load-'));
  mkdirSync(join(home, 'in'));
  await operational.pool.query('TRUNCATE orchestration.file');
  await warehouse.pool.query('TRUNCATE warehouse.code_description, engine.job_checkpoint, engine.job_rejected');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const header = 'system,code,description,effective_from,effective_to';
function put(name: string, lines: readonly string[], head = header): void {
  writeFileSync(join(home, '.draft'), [head, ...lines, ''].join('\n'));
  renameSync(join(home, '.draft'), join(home, 'in', name));
}
const load = (over: Partial<ExtractRequest> = {}, epoch = 1) =>
  extractFiles(loadRequest({ home, runId: randomUUID(), epoch, operational: operational.pool, warehouse: worker }, over));
const rowsOf = async (sql: string): Promise<unknown[]> => (await warehouse.pool.query({ text: sql, rowMode: 'array' })).rows;
const codes = (): Promise<unknown[]> => rowsOf('SELECT code, description FROM warehouse.code ORDER BY code');
const filesOf = async () => {
  const files = await createFileDesk(operational.pool).list({ limit: 100 });
  return files.map(({ path, state, errorCode, recordsOk, recordsRejected }) => [path, state, errorCode, recordsOk, recordsRejected]);
};

test('rows go into the table with the file and line that they came from; what is wrong is kept beside it, without its values', async () => {
  put('codes_1.csv', [
    'icd-10-cm,I10,Essential (primary) hypertension,2015-10-01,',
    'icd-10-cm,,nameless,2015-10-01,',
    'icd-10-cm,E119,"Type 2 diabetes mellitus\nwithout complications",soon,',
    'icd-10-cm,J45,Asthma',
    'icd-10-cm,J459,"Asthma, unspecified",2015-10-01,2026-09-30',
  ]);
  const { counts, fileIds } = await load();

  expect(counts).toMatchObject({ files: 1, read: 5, written: 2, rejected: 3, quarantined: 0 });
  expect(
    await rowsOf(
      'SELECT code, effective_from::text, effective_to::text, src_line, src_file::text FROM warehouse.code_description ORDER BY code',
    ),
  ).toEqual([
    ['I10', '2015-10-01', null, 2, expect.any(String)],
    ['J459', '2015-10-01', '2026-09-30', 7, expect.any(String)],
  ]);
  expect(fileIds).toHaveLength(1);
  expect(await rowsOf('SELECT place, code, field FROM engine.job_rejected ORDER BY line')).toEqual([
    ['line 3', 'MISSING_FIELD', 'code'],
    ['line 4', 'BAD_DATE', 'effective_from'],
    ['line 6', 'RAGGED_ROW', ''],
  ]);
  expect(JSON.stringify(await rowsOf('SELECT * FROM engine.job_rejected'))).not.toMatch(/nameless|soon|Asthma/);
  expect(await filesOf()).toEqual([['codes_1.csv', 'ARCHIVED', null, 2, 3]]);
  expect(readdirSync(join(home, 'in'))).toEqual(['archive']);
});

test('a later edition stands beside the earlier one, and is the one that is read; the same file twice is loaded once', async () => {
  put('codes_1.csv', ['icd-10-cm,I10,Hypertension,2015-10-01,', 'icd-10-cm,J45,Asthma,2015-10-01,']);
  await load();
  put('codes_2.csv', ['icd-10-cm,I10,Essential hypertension,2025-10-01,']);
  put('codes_3.csv', ['icd-10-cm,I10,Hypertension,2015-10-01,', 'icd-10-cm,J45,Asthma,2015-10-01,']);
  expect((await load()).counts).toMatchObject({ files: 1, duplicates: 1 });
  expect(await codes()).toEqual([
    ['I10', 'Essential hypertension'],
    ['J45', 'Asthma'],
  ]);
  expect(await rowsOf('SELECT count(*)::int FROM warehouse.code_description')).toEqual([[3]]);
});

test('a file without a column that is mapped is put aside before its first row', async () => {
  put('codes_1.csv', ['icd-10-cm,I10,Hypertension'], 'system,code,description');
  expect((await load()).counts).toMatchObject({ files: 0, quarantined: 1 });
  expect(await filesOf()).toEqual([
    ['codes_1.csv', 'QUARANTINED', 'MISSING_COLUMN', null, null].map((cell, at) => (at > 2 ? expect.anything() : cell)),
  ]);
  expect(await codes()).toEqual([]);
});

test('too many bad rows put a file aside; with a higher limit it goes on there', async () => {
  put('codes_1.csv', ['icd-10-cm,A00,Cholera,,', 'x', 'icd-10-cm,B00,Herpes,,', 'y', 'icd-10-cm,C00,Lip,,']);
  expect((await load({ skipLimit: { count: 1, ratio: 1 } })).counts).toMatchObject({ quarantined: 1, read: 3, written: 2 });
  expect(await codes()).toHaveLength(2);
  const [file] = await createFileDesk(operational.pool).list({ limit: 1 });
  await createFileDesk(operational.pool).requeue(file?.fileId ?? '');
  expect((await load({ skipLimit: { count: 2, ratio: 1 } })).counts).toMatchObject({ files: 1, read: 5, written: 3, rejected: 2 });
  expect(await codes()).toHaveLength(3);
});

test('a text longer than its column takes is a rejected row; the longest that it takes are written', async () => {
  // Three bytes each, and nothing that compresses: what an index has to hold at most.
  const random = createSeededRandom(5);
  const longest = (length: number): string =>
    Array.from({ length }, () => String.fromCharCode(0x4e00 + Math.floor(random.next() * 20_000))).join('');
  const [system, code] = [longest(64), longest(64)];
  put('codes_1.csv', [
    `${system},${code},${longest(4_000)},,`,
    `${system}x,A00,Cholera,,`,
    `icd,${code}x,Cholera,,`,
    `icd,A00,${'x'.repeat(4_001)},,`,
  ]);
  expect((await load()).counts).toMatchObject({ files: 1, read: 4, written: 1, rejected: 3, quarantined: 0 });
  expect(await rowsOf('SELECT system, code, length(description) FROM warehouse.code_description')).toEqual([[system, code, 4_000]]);
  expect(await rowsOf('SELECT code, field, detail FROM engine.job_rejected ORDER BY line')).toEqual([
    ['TEXT_TOO_LONG', 'system', 'expected at most 64 characters'],
    ['TEXT_TOO_LONG', 'code', 'expected at most 64 characters'],
    ['TEXT_TOO_LONG', 'description', 'expected at most 4000 characters'],
  ]);
});

test('a file with a row that only an index of the table refuses is put aside; the others are loaded', async () => {
  const random = createSeededRandom(6);
  const long = Array.from({ length: 3_000 }, () => String.fromCharCode(0x4e00 + Math.floor(random.next() * 20_000))).join('');
  put('codes_1.csv', [`icd-10-cm,A00,${long},,`]);
  put('codes_2.csv', ['icd-10-cm,B00,Herpes,,']);
  await warehouse.pool.query('CREATE INDEX described ON warehouse.code_description (description)');
  try {
    expect((await load({ atOnce: 1 })).counts).toMatchObject({ files: 1, quarantined: 1 });
  } finally {
    await warehouse.pool.query('DROP INDEX warehouse.described');
  }
  expect((await filesOf()).map(([path, state, code]) => `${path} ${state} ${code}`).sort()).toEqual([
    'codes_1.csv QUARANTINED ROW_REFUSED',
    'codes_2.csv ARCHIVED null',
  ]);
  expect(await codes()).toEqual([['B00', 'Herpes']]);
});

test('quality is judged as of every file: below its limit nothing of it is loaded', async () => {
  put('codes_1.csv', ['icd-10-cm,A00,Cholera,,', 'x']);
  const held: Partial<ExtractRequest> = {
    qualityLimits: { minimumScore: 0.9, columns: {}, mostDrift: null },
    keepScores: async (_file, scores) => scores.map((score) => ({ ...score, drift: 0 })),
  };
  expect((await load(held)).heldIds).toHaveLength(1);
  expect(await codes()).toEqual([]);
});

test('a load that is killed again and again in the middle of its files writes every row once', async () => {
  const [files, lines] = [2, 20_000];
  for (let file = 1; file <= files; file++)
    put(
      `codes_${file}.csv`,
      Array.from({ length: lines }, (_, n) => (n % 1_000 === 9 ? 'short' : `local,F${file}-${n},Code ${n} of list ${file},2015-10-01,`)),
    );
  const random = createSeededRandom(9);
  const order = { operationalUrl: operational.url, warehouseUrl: warehouse.url, home, runId: randomUUID() };
  const live = (epoch: number, killAt: Parameters<typeof liveUntilKilled>[2]) =>
    liveUntilKilled('load-child.ts', { ...order, epoch } satisfies LoadChildOrder, killAt);
  let reached = 0;
  let kills = 0;
  for (let epoch = 1; epoch <= 3; epoch++) {
    const life = await live(epoch, { commits: 2 + Math.floor(random.next() * 3), ms: Math.floor(random.next() * 12) });
    if (life.result === null) kills++;
    expect(life.positions[0]).toBeGreaterThanOrEqual(reached);
    reached = life.positions.at(-1) ?? reached;
  }
  expect(kills).toBeGreaterThanOrEqual(2);
  expect(reached).toBeLessThan(files * lines);
  const { result } = await live(4, null);
  const rejected = files * (lines / 1_000);

  expect(result).toMatchObject({ files, read: files * lines, written: files * lines - rejected, rejected });
  const written = files * lines - rejected;
  expect(await rowsOf('SELECT count(*)::int, count(DISTINCT code)::int FROM warehouse.code_description')).toEqual([[written, written]]);
  expect(await rowsOf('SELECT count(*)::int FROM engine.job_rejected')).toEqual([[rejected]]);
}, 120_000);
