import { afterAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../test-support/temporary-home.ts';
import { withLock } from './lock.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const lockFile = (name: string): string => join(directory.path, name);

test('the second waits for the first, and says so once', async () => {
  const order: string[] = [];
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const first = withLock(lockFile('a'), async () => {
    order.push('first begins');
    await held;
    order.push('first ends');
  });
  const second = withLock(lockFile('a'), async () => order.push('second'), {
    onWait: () => {
      order.push('waits');
      release();
    },
  });
  await Promise.all([first, second]);
  expect(order).toEqual(['first begins', 'waits', 'first ends', 'second']);
});

test('waiting has an end', async () => {
  await withLock(lockFile('b'), async () => {
    await expect(withLock(lockFile('b'), async () => 1, { withinMs: 0 })).rejects.toMatchObject({ code: 'TIMED_OUT' });
  });
});

test('is free again after its holder was killed', async () => {
  const program = `import { withLock } from '${join(import.meta.dirname, 'lock.ts')}';
    await withLock(process.argv[1], () => new Promise(() => { console.log('held'); setInterval(() => {}, 1000); }));`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program, lockFile('c')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] },
  });
  await once(holder.stdout, 'data');
  const whileHeld = withLock(lockFile('c'), async () => 1, { withinMs: 0 }).catch((error: unknown) => error);
  const outcome = await whileHeld;
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(outcome).toMatchObject({ code: 'TIMED_OUT' });
  expect(await withLock(lockFile('c'), async () => 'free', { withinMs: 0 })).toBe('free');
});

test('is free again after its holder failed', async () => {
  await expect(withLock(lockFile('d'), async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withLock(lockFile('d'), async () => 'free', { withinMs: 0 })).toBe('free');
});

test('a file that cannot be opened is named', async () => {
  await expect(withLock(join(directory.path, 'nowhere', 'lock'), async () => 1)).rejects.toMatchObject({ code: 'DISK_UNWRITABLE' });
});

test('another failure of the lock file is not taken for a holder', async () => {
  writeFileSync(lockFile('f'), 'no lock file '.repeat(1_000));
  await expect(withLock(lockFile('f'), async () => 1)).rejects.toThrow('not a database');
  mkdirSync(lockFile('e'));
  await expect(withLock(lockFile('e'), async () => 1)).rejects.toThrow();
});
