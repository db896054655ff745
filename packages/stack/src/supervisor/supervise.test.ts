import { afterAll, afterEach, expect, test } from '@jest/globals';
import { closeSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '../../test-support/temporary-home.ts';
import { isRunning } from '../process-identity.ts';
import { launchToLines, openLog } from './launch.ts';
import type { SupervisedPart, SupervisedStatus } from './supervised-part.ts';
import { supervise, type Supervisor } from './supervise.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const quick = { firstMs: 20, longestMs: 100, healthyMs: 60_000 };
let supervisor: Supervisor | undefined;
afterEach(async () => {
  await supervisor?.stop();
});

const shell = (name: string, script: string, kind: SupervisedPart['kind'] = 'service'): SupervisedPart => ({
  name,
  kind,
  program: 'sh',
  args: ['-c', script],
  env: { PATH: process.env['PATH'] ?? '' },
  cwd: directory.path,
  logFile: join(directory.path, `${name}.log`),
  port: 1,
});

const eventually = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await sleep(10);
};
const first = (): SupervisedStatus => {
  const [status] = supervisor?.status() ?? [];
  if (status === undefined) throw new Error('nothing is supervised');
  return status;
};

test('a program that is killed is started again, and counted', async () => {
  supervisor = supervise([shell('killed', 'exec sleep 30')], { restart: quick });
  const before = first();
  expect(before).toMatchObject({ state: 'running', restarts: 0, lastExit: null });
  process.kill(before.process?.pid ?? 0, 'SIGKILL');
  await eventually(() => first().restarts === 1);
  expect(first()).toMatchObject({ state: 'running', lastExit: 'SIGKILL' });
  expect(first().process?.pid).not.toBe(before.process?.pid);
});

test('a program that keeps failing is tried again and again, its output kept', async () => {
  supervisor = supervise([shell('failing', 'echo tried; exit 7')], { restart: quick });
  await eventually(() => first().restarts >= 3);
  expect(first().lastExit).toBe(7);
  expect(readFileSync(join(directory.path, 'failing.log'), 'utf8').match(/tried/g)?.length).toBeGreaterThanOrEqual(3);
});

test('a program that cannot be started at all is tried again too', async () => {
  supervisor = supervise([{ ...shell('missing', ''), program: '/no/such/program' }], { restart: quick });
  await eventually(() => first().restarts >= 1);
  expect(first()).toMatchObject({ lastExit: expect.stringContaining('ENOENT') });
});

test('services are stopped before what they send to, and nothing is left running', async () => {
  const lines: string[] = [];
  const says = (name: string) => `trap 'echo ${name}; exit 0' TERM; echo up; while :; do sleep 0.02; done`;
  const changes: (readonly SupervisedStatus[])[] = [];
  supervisor = supervise([shell('provider', says('provider'), 'infrastructure'), shell('service', says('service'))], {
    launch: launchToLines((line) => lines.push(line)),
    onChange: (statuses) => changes.push(statuses),
  });
  await eventually(() => lines.length === 2);
  const pids = supervisor.status().map(({ process }) => process);
  expect(changes.every((statuses) => statuses.length === 2)).toBe(true);
  await supervisor.stop();
  expect(lines.slice(2)).toEqual(['[service] service', '[provider] provider']);
  expect(pids.some((process) => process !== null && isRunning(process))).toBe(false);
  expect(changes.at(-1)?.map(({ state }) => state)).toEqual(['stopped', 'stopped']);
});

test('one that does not end when asked is killed, and stays down', async () => {
  supervisor = supervise([shell('deaf', `trap '' TERM; touch deaf.up; while :; do sleep 0.05; done`)], { restart: quick });
  await eventually(() => existsSync(join(directory.path, 'deaf.up')));
  await supervisor.stop(100);
  await sleep(100);
  expect(first()).toMatchObject({ state: 'stopped', process: null, restarts: 0 });
});

test('a program that waits for its next start is not started any more after stop', async () => {
  supervisor = supervise([shell('waiting', 'exit 1')], { restart: { ...quick, firstMs: 100 } });
  await eventually(() => first().state === 'waiting' && first().lastExit === 1);
  await supervisor.stop();
  await sleep(200);
  expect(first()).toMatchObject({ state: 'stopped', restarts: 0 });
});

test('in the foreground a program that ends stays ended and is reported', async () => {
  const ended: SupervisedStatus[] = [];
  supervisor = supervise([shell('once', 'printf "no newline"; exit 3')], {
    launch: launchToLines(() => {}),
    restart: 'never',
    onEnd: (status) => ended.push(status),
  });
  await eventually(() => ended.length > 0);
  expect(ended).toMatchObject([{ name: 'once', state: 'stopped', lastExit: 3, restarts: 0 }]);
});

test('lines are shown whole behind the name, the last one also without its end', async () => {
  const lines: string[] = [];
  const ended: unknown[] = [];
  const launch = launchToLines((line) => lines.push(line));
  supervisor = supervise([shell('lines', 'printf "a\\nb"; sleep 0.05; printf "c\\nd"')], {
    launch,
    restart: 'never',
    onEnd: (status) => ended.push(status),
  });
  await eventually(() => lines.length === 3);
  expect(lines).toEqual(['[lines] a', '[lines] bc', '[lines] d']);
});

test('a log that has grown large is put aside', () => {
  const file = join(directory.path, 'large.log');
  writeFileSync(file, 'x'.repeat(100));
  closeSync(openLog(file, 200));
  expect(existsSync(`${file}.1`)).toBe(false);
  closeSync(openLog(file, 50));
  expect(readFileSync(`${file}.1`, 'utf8')).toHaveLength(100);
  expect(readFileSync(file, 'utf8')).toBe('');
});

test('a part that no page waits for runs nicer than the supervisor, and the others do not', async () => {
  const parts = [{ ...shell('nice', 'exec sleep 30'), niceness: 5 }, shell('plain', 'exec sleep 30')];
  supervisor = supervise(parts, { restart: quick });
  const [nice, plain] = supervisor.status().map(({ process: running }) => getPriority(running?.pid ?? 0));

  expect(nice).toBe(getPriority() + 5);
  expect(plain).toBe(getPriority());
});
