import { VigilError } from '@vigil/core';
import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { registerCommands } from './commands/index.ts';
import { defineCommand, type RegisterCommand } from './define-command.ts';
import { runCli } from './run-cli.ts';

const tryCommand: RegisterCommand = (program, io) => {
  defineCommand(program, { name: 'try <how>', summary: 'tries something', examples: ['vigil try well'] }).action((how: string) => {
    io.progress('trying');
    switch (how) {
      case 'well':
        return io.result({ answer: 1 }, ({ answer }) => `the answer is ${answer}`);
      case 'badly':
        io.result({ answer: 0 }, () => 'no answer\n');
        return io.exitWith(1);
      case 'usage':
        throw new VigilError('BAD_USAGE', { detail: 'Not so.' });
      case 'config':
        throw new VigilError('BAD_SETTINGS');
      case 'dependency':
        throw new VigilError('KAFKA_AWAY');
      case 'late':
        io.result({ answer: 2 }, String);
        throw new Error('after the result');
      case 'live':
        return io.write(io.live ? 'terminal' : 'plain');
      default:
        throw new Error('unforeseen');
    }
  });
};

const run = async (...args: string[]) => {
  const printed = { stdout: '', stderr: '' };
  const code = await runCli(
    args,
    {
      stdout: { write: (text) => (printed.stdout += text) },
      stderr: { write: (text) => (printed.stderr += text), isTTY: args.includes('--terminal') },
    },
    args.includes('try') ? [tryCommand] : registerCommands,
  );
  return { code, ...printed };
};

test('a result is a text for people, and one JSON document for programs', async () => {
  expect(await run('try', 'well')).toEqual({ code: 0, stdout: 'the answer is 1\n', stderr: 'trying\n' });
  expect(await run('try', 'well', '--json')).toEqual({ code: 0, stdout: '{"answer":1}\n', stderr: 'trying\n' });
  expect(await run('--json', 'try', 'well')).toMatchObject({ stdout: '{"answer":1}\n' });
});

test('a command can fail although it has a result', async () => {
  expect(await run('try', 'badly')).toMatchObject({ code: 1, stdout: 'no answer\n' });
});

test.each([
  ['usage', 2, 'BAD_USAGE'],
  ['config', 78, 'BAD_SETTINGS'],
  ['dependency', 1, 'KAFKA_AWAY'],
  ['anything', 1, 'FAILED'],
])('an error of kind %s ends with %i and its code', async (how, code, name) => {
  expect(await run('try', how)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(`vigil: ${name}: `) });
  const { stdout } = await run('try', how, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: name } });
});

test('after the result nothing more is printed to standard output', async () => {
  expect(await run('try', 'late', '--json')).toMatchObject({
    code: 1,
    stdout: '{"answer":2}\n',
    stderr: expect.stringContaining('after the result'),
  });
});

test('plain lines where there is no terminal', async () => {
  expect(await run('try', 'live')).toMatchObject({ stderr: 'trying\nplain' });
});

test.each([
  [['try', 'well', '--unknown'], "unknown option '--unknown'"],
  [['try'], "missing required argument 'how'"],
  [['try', 'well', 'more'], 'too many arguments'],
  [['unknown'], "unknown command 'unknown'"],
])('a call that is not documented ends with 2: %j', async (args, message) => {
  expect(await run(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  const { stdout } = await run(...args, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'BAD_USAGE' } });
});

test('without a command the help is shown and the call was wrong', async () => {
  expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage: vigil') });
  expect(await run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('npx vigil up') });
  expect(await run('--version')).toMatchObject({ code: 0, stdout: '0.1.0\n' });
});

const commands = [
  ['up'],
  ['down'],
  ['status'],
  ['run'],
  ['prepare'],
  ['stack', 'up'],
  ['stack', 'down'],
  ['stack', 'status'],
  ['stack', 'env'],
  ['db', 'migrate'],
  ['topics', 'apply'],
  ['topics', 'list'],
  ['schemas', 'check'],
  ['schemas', 'register'],
  ['send', 'readings'],
  ['send', 'patients'],
  ['lag'],
  ['ledger'],
  ['dlq', 'list'],
  ['dlq', 'show'],
  ['demo'],
];

test.each(commands)('the help of %s %s shows --json and an example', async (...words) => {
  const { code, stdout } = await run(...words.filter(Boolean), '--help');
  expect(code).toBe(0);
  expect(stdout).toContain('--json');
  expect(stdout).toContain(`$ npx vigil ${words.filter(Boolean).join(' ')}`);
});

test('called by an older Node it goes on with the pinned one', () => {
  const older = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path)) ?? process.execPath;
  const program = fileURLToPath(new URL('../bin/vigil.js', import.meta.url));
  const ran = spawnSync(older, [program, '--version'], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } });
  expect(ran).toMatchObject({ status: 0, stdout: '0.1.0\n' });
  expect(spawnSync(older, [program, 'no-such-command'], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } }).status).toBe(2);
});
