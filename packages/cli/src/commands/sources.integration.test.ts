import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createSlotBook } from '@vigil/batch';
import { createPool } from '@vigil/postgres';
import { startStack } from '@vigil/stack';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { addressOf } from '../connect/addresses.ts';
import { runCli } from '../run-cli.ts';

/** Of its own: all tests share the book. */
const source = `test_${process.pid}`;
const slot = `vigil_cli_${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), 'vigil-sources-'));
let research: TestDatabase;
let pool: ReturnType<typeof createPool>;

async function vigil(...args: readonly string[]) {
  let stdout = '';
  let stderr = '';
  const code = await runCli(args, { stdout: { write: (text) => (stdout += text) }, stderr: { write: (text) => (stderr += text) } });
  return { code, stdout, stderr };
}
const lineOf = async (): Promise<string | undefined> =>
  (await vigil('sources', 'slots', '--folder', folder)).stdout.split('\n').find((line) => line.startsWith(source));
const drop = (...more: readonly string[]) => vigil('sources', 'drop-slot', source, slot, '--folder', folder, ...more);
const declare = (text: string): void => writeFileSync(join(folder, 'sources.yaml'), `sources: {${text}}\n`);
/** A source that reads the slot. */
const declareAt = (address: string): void =>
  declare(
    `${source}: {kind: cdc, records: trial_outcomes, address: {env: ${address}}, publication: ${slot}, slot: ${slot}, tables: {t: {key: [id]}}}`,
  );

beforeAll(async () => {
  await startStack();
  for (const command of [['db', 'migrate'], ['topics', 'apply'], ['schemas', 'register']]) await vigil(...command); // prettier-ignore
  research = await createTestDatabase('vigil');
  process.env['VIGIL_TEST_RESEARCH'] = research.url;
  pool = createPool({ url: addressOf('databaseUrl'), applicationName: 'vigil tests' });
  await research.pool.query('SELECT pg_create_logical_replication_slot($1, $2)', [slot, 'pgoutput']);
  await createSlotBook(pool).note({ source, slot, table: 't', publication: slot, access: { address: { env: 'VIGIL_TEST_RESEARCH' } } });
}, 120_000);
afterAll(async () => {
  await research.pool.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1', [slot]);
  await research.drop();
  await pool.end();
  rmSync(folder, { recursive: true });
});

test('a slot is dropped by nobody but a person who says why, and only once no source reads it', async () => {
  declareAt('VIGIL_TEST_RESEARCH');
  expect(await lineOf()).toMatch(new RegExp(`^${source}  t  ${slot}  declared  not-read  \\d+ MiB$`));
  expect(await drop('--reason', 'by mistake')).toMatchObject({ code: 2, stderr: expect.stringContaining('is declared in') });
  // The reference was renamed: what it names is the same slot, or cannot be known.
  process.env['VIGIL_TEST_ALIAS'] = research.url;
  declareAt('VIGIL_TEST_ALIAS');
  expect(await lineOf()).toContain('declared');
  expect(await drop('--reason', 'by mistake')).toMatchObject({ code: 2, stderr: expect.stringContaining('is declared in') });
  declareAt('VIGIL_TEST_NOT_SET');
  expect(await lineOf()).toContain('unknown');
  expect(await drop('--reason', 'by mistake')).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be told') });
  declare('');
  expect(await lineOf()).toContain('forgotten');
  expect((await drop()).code).toBe(2);
  const exists = async () => (await research.pool.query('SELECT FROM pg_replication_slots WHERE slot_name = $1', [slot])).rowCount;
  expect(await exists()).toBe(1);

  expect(await drop('--reason', 'the trial has ended')).toMatchObject({ code: 0, stdout: expect.stringContaining('is dropped; it kept') });
  expect(await exists()).toBe(0);
  expect(await lineOf()).toBeUndefined();
  expect(await drop('--reason', 'again')).toMatchObject({ code: 2, stderr: expect.stringContaining('No task opened slot') });
});
