import { afterAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withPath } from '../test-support/fake-program.ts';
import { temporaryDirectory } from '../test-support/temporary-home.ts';
import { endProcess } from './end-process.ts';
import { entriesOf, findProgram } from './find-program.ts';
import { isRunning } from './process-identity.ts';
import { runCommand } from './run-command.ts';
import { spawnPart, tailOf } from './spawn-part.ts';
import { waitUntilReady } from './wait-until-ready.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const log = (name: string): string => join(directory.path, `${name}.log`);

test('a part runs on its own, with its output in its log and none of our secrets in its environment', async () => {
  process.env['SECRET_OF_THE_SHELL'] = 'x';
  const args = ['-c', 'echo "secret=$SECRET_OF_THE_SHELL given=$GIVEN"; exec sleep 30'];
  const part = await spawnPart({ name: 'part', program: 'sh', args, env: { GIVEN: 'y' }, cwd: directory.path, logFile: log('part') });
  await waitUntilReady({
    name: 'part',
    process: part,
    logFile: log('part'),
    probe: async () => readFileSync(log('part'), 'utf8').includes('given=y'),
  });
  expect(tailOf(log('part'))).toBe('secret= given=y');
  expect(isRunning(part)).toBe(true);
  await endProcess(part);
});

test('a program that does not exist is named', async () => {
  const part = spawnPart({ name: 'part', program: '/no/such/program', args: [], logFile: log('missing') });
  await expect(part).rejects.toMatchObject({ code: 'MISSING_PROGRAM', message: expect.stringContaining('/no/such/program') });
});

test('a part that ends while it is waited for is reported with the end of its log', async () => {
  const part = await spawnPart({ name: 'part', program: 'sh', args: ['-c', 'sleep 0.2; echo because; exit 1'], logFile: log('ending') });
  const ready = waitUntilReady({
    name: 'part',
    process: part,
    logFile: log('ending'),
    probe: async () => Promise.reject(new Error('refused')),
  });
  await expect(ready).rejects.toMatchObject({ code: 'PART_FAILED', message: expect.stringContaining('because') });
});

test('a part that never answers is reported', async () => {
  const part = await spawnPart({ name: 'part', program: 'sleep', args: ['30'], logFile: log('silent') });
  const ready = waitUntilReady({ name: 'part', process: part, logFile: log('silent'), probe: async () => false, withinMs: 60 });
  await expect(ready).rejects.toMatchObject({ code: 'PART_FAILED', message: expect.stringContaining('did not answer within 60 ms') });
  await endProcess(part);
});

test('a command answers its output or fails with it', async () => {
  expect(await runCommand('sh', ['-c', 'echo out; echo err >&2'], { env: { A: 'b' } })).toContain('out');
  await expect(runCommand('sh', ['-c', 'echo why; exit 3'])).rejects.toMatchObject({
    code: 'PART_FAILED',
    message: expect.stringContaining('ended with 3:\nwhy'),
  });
  await expect(runCommand('/no/such', [])).rejects.toMatchObject({ code: 'MISSING_PROGRAM' });
});

test('programs are found in given directories and in PATH', async () => {
  expect(findProgram('sh')).toMatch(/\/sh$/);
  expect(findProgram('sh', ['/bin'], '')).toBe('/bin/sh');
  expect(findProgram('no-such-program')).toBeUndefined();
  expect(await withPath(undefined, async () => findProgram('sh'))).toBeUndefined();
  expect(entriesOf('/no/such/directory')).toEqual([]);
  expect(tailOf('/no/such/file')).toBe('');
});
