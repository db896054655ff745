import { createFileLedger } from '@vigil/batch';
import { createPool } from '@vigil/postgres';
import { startStack } from '@vigil/stack';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addressOf } from '../connect/addresses.ts';
import type { ShownFile } from '../files/file-text.ts';
import { runCli } from '../run-cli.ts';

/** Of its own, so that this test meets only its own files in a ledger that all tests share. */
const source = `test_${Date.now()}`;

async function vigil(...args: readonly string[]) {
  let stdout = '';
  let stderr = '';
  const code = await runCli(args, { stdout: { write: (text) => (stdout += text) }, stderr: { write: (text) => (stderr += text) } });
  return { code, stdout, stderr };
}
const fileOf = async (...args: readonly string[]): Promise<ShownFile> =>
  (JSON.parse((await vigil('files', ...args, '--json')).stdout) as { file: ShownFile }).file;

let id: string;
let pool: ReturnType<typeof createPool>;
beforeAll(async () => {
  await startStack();
  await vigil('db', 'migrate');
  await vigil('topics', 'apply');
  await vigil('schemas', 'register');
  pool = createPool({ url: addressOf('databaseUrl'), applicationName: 'vigil tests' });
  const found = { path: 'PAT_12345.csv', bytes: 7, modifiedAtMs: 0, version: '1' };
  const [seen] = await createFileLedger(pool).observe(source, [found]);
  id = seen?.record.fileId ?? '';
}, 120_000);
afterAll(() => pool.end());

test('names of files are masked unless somebody says why', async () => {
  const listed = await vigil('files', 'list', '--source', source, '--state', 'discovered');
  expect(listed.stdout).toBe(`${id}  ${source}  DISCOVERED  revision 1\n`);
  expect(await fileOf('show', id)).toMatchObject({ path: null, state: 'DISCOVERED' });
  const shown = await vigil('files', 'show', id, '--reveal', '--reason', 'asking the sender', '--as', 'ann');
  expect(shown.stdout).toContain('PAT_12345.csv');
  expect((await vigil('files', 'show', id)).stdout).toContain('masked');
});

test('a person takes a file out and puts it back, and says why', async () => {
  expect((await vigil('files', 'quarantine', id)).code).toBe(2);
  const out = await fileOf('quarantine', id, '--reason', 'sent by mistake');
  expect(out).toMatchObject({ state: 'QUARANTINED', errorCode: 'QUARANTINED_BY_HAND', errorDetail: 'sent by mistake' });
  expect((await vigil('files', 'show', id)).stdout).toContain('QUARANTINED_BY_HAND: sent by mistake');
  expect(await fileOf('requeue', id, '--reason', 'it was none')).toMatchObject({ state: 'STABLE', errorCode: null });
  expect(await vigil('files', 'requeue', id, '--reason', 'again')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('The file is STABLE'),
  });
});

test('an unknown state, run or file is told', async () => {
  expect((await vigil('files', 'list', '--state', 'lost')).stderr).toContain('--state takes one of DISCOVERED');
  expect((await vigil('files', 'list', '--run', 'x')).stderr).toContain('--run takes the id of a run');
  expect((await vigil('files', 'list', '--run', '00000000-0000-0000-0000-000000000000')).stdout).toBe('no files\n');
  expect((await vigil('files', 'show', 'x')).stderr).toContain('There is no file with this id');
});
