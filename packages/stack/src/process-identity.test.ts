import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endProcess } from './end-process.ts';
import { identify, isRunning, startByPs, startOf, type ProcessIdentity } from './process-identity.ts';

const started = (script: string): { identity: ProcessIdentity; exit: Promise<unknown[]> } => {
  const child = spawn('sh', ['-c', script], { stdio: 'ignore' });
  const identity = identify(child.pid ?? 0);
  return { identity, exit: once(child, 'exit') };
};

test('this process is running, a pid that nobody has is not', () => {
  const self = identify(process.pid);
  expect(isRunning(self)).toBe(true);
  expect(isRunning(identify(4_194_303))).toBe(false);
});

test('the same pid of an earlier boot is another process', () => {
  expect(isRunning({ pid: process.pid, startedAt: 'another-boot:1' })).toBe(false);
});

test('without /proc the start is asked of ps', () => {
  expect(startByPs(process.pid)).toMatch(/\d\d:\d\d:\d\d/);
  expect(startByPs(process.pid)).toBe(startByPs(process.pid));
  expect(startByPs(4_194_303)).toBeUndefined();
});

test('a process that ended and was not waited for yet is not running', async () => {
  // The shell starts a child, becomes sleep and never waits for it: the child stays a zombie.
  const parent = spawn('sh', ['-c', 'sh -c "exit 0" & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const zombie = Number(line.toString());
  while (startOf(zombie) !== undefined) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isRunning(identify(zombie))).toBe(false);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
});

test('ends a recorded process', async () => {
  const { identity, exit } = started('exec sleep 30');
  expect(await endProcess(identity)).toBe(true);
  expect((await exit)[1]).toBe('SIGTERM');
  expect(await endProcess(identity)).toBe(false);
});

test('kills one that does not end by itself in time', async () => {
  const { identity, exit } = started(`trap '' TERM; while :; do sleep 0.1; done`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await endProcess(identity, { withinMs: 150 })).toBe(true);
  expect((await exit)[1]).toBe('SIGKILL');
});

test('leaves a process alone that only has the recorded pid', async () => {
  const { identity, exit } = started('exec sleep 30');
  expect(await endProcess({ ...identity, startedAt: 'another-boot:1' })).toBe(false);
  expect(isRunning(identity)).toBe(true);
  await endProcess(identity);
  await exit;
});
