import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createSlotBook } from '@vigil/batch';
import { createPool } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import type { ExecutorDeps } from '../../executor-deps.ts';
import { reportReplicationSlots } from './report-replication-slots.ts';

const home = mkdtempSync(join(tmpdir(), 'vigil-slots-'));
const slot = `vigil_slots_${process.pid}`;
const told: unknown[] = [];
let operational: TestDatabase;
let research: TestDatabase;
let worker: ReturnType<typeof createPool>;

beforeAll(async () => {
  operational = await createTestDatabase('vigil');
  research = await createTestDatabase('vigil');
  worker = createPool({ url: operational.url, applicationName: 'slots test', role: 'vigil_worker' });
  await research.pool.query('SELECT pg_create_logical_replication_slot($1, $2)', [slot, 'pgoutput']);
}, 60_000);
afterAll(async () => {
  await research.pool.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1', [slot]);
  await worker.end();
  await research.drop();
  await operational.drop();
  rmSync(home, { recursive: true });
});

const declare = (name: string, address: string): void =>
  writeFileSync(
    join(home, 'sources.yaml'),
    `sources: {${name}: {kind: cdc, records: trial_outcomes, address: {env: ${address}}, publication: p, slot: ${slot}, tables: {trials: {key: [id]}}}}\n`,
  );
const environmentOf = () => ({ RESEARCH: research.url, ALIAS: research.url, ELSEWHERE: operational.url });
const report = (environment: Record<string, string> = environmentOf()) =>
  reportReplicationSlots(
    {
      database: worker,
      settings: { workflowsDir: home } as ExecutorDeps['settings'],
      onForgottenSlot: ({ keptBytes, ...names }) => void told.push({ ...names, keeps: keptBytes > 0 }),
    },
    environment,
  );
const note = () =>
  createSlotBook(worker).note({ source: 'changes', slot, table: 'trials', publication: 'p', access: { address: { env: 'RESEARCH' } } });

test('a slot is a finding once its source is no longer declared, and stays one until a person has dropped it', async () => {
  declare('changes', 'RESEARCH');
  await note();
  expect(await report()).toMatchObject({
    findings: 0,
    rows: [['changes', 'trials', slot, 'declared', 'not read now', expect.any(Number)]],
  });
  expect(told).toEqual([]);

  // Another database has a slot of that name: this one is nobody's all the same.
  declare('changes', 'ELSEWHERE');
  await research.pool.query('CREATE TABLE much AS SELECT generate_series(1, 20000) AS n');
  expect(await report()).toMatchObject({
    findings: 1,
    rows: [['changes', 'trials', slot, 'forgotten', 'not read now', expect.any(Number)]],
  });
  expect(told).toEqual([{ source: 'changes', slot, keeps: true }]);
  expect(await report({})).toMatchObject({
    findings: 1,
    rows: [['changes', 'trials', slot, 'unknown', 'not reached: BAD_SETTINGS', null]],
  });

  await research.pool.query('SELECT pg_drop_replication_slot($1)', [slot]);
  expect(await report()).toMatchObject({ findings: 0, rows: [] });
  expect(told.at(-1)).toEqual({ source: 'changes', slot, keeps: false });
  expect(await createSlotBook(worker).all()).toEqual([]);
  await research.pool.query('SELECT pg_create_logical_replication_slot($1, $2)', [slot, 'pgoutput']);
});

test('a source that has another name by now, or whose address has, still reads its slot', async () => {
  await note();
  declare('renamed', 'RESEARCH');
  expect(await report()).toMatchObject({ findings: 0 });
  declare('changes', 'ALIAS');
  expect(await report()).toMatchObject({
    findings: 0,
    rows: [['changes', 'trials', slot, 'declared', 'not read now', expect.any(Number)]],
  });
  // An address that the worker cannot read may be that of this database: a finding, and nobody is told to drop it.
  const before = told.length;
  declare('changes', 'NOT_SET');
  expect(await report()).toMatchObject({ findings: 1, rows: [['changes', 'trials', slot, 'unknown', 'not read now', expect.any(Number)]] });
  expect(told).toHaveLength(before);
});
