import { afterAll, expect, jest, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '../../test-support/temporary-home.ts';
import { stackPaths } from '../paths.ts';
import { silent } from '../progress.ts';
import { fleetStatus, readFleet, writeFleet } from './fleet-state.ts';
import { runSupervisor } from './run-supervisor.ts';
import { endOrphans, startFleet, stopFleet, waitForFleet } from './start-fleet.ts';
import type { SupervisedPart } from './supervised-part.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const paths = stackPaths({ VIGIL_HOME: join(directory.path, 'home') });
mkdirSync(paths.logs, { recursive: true });

const sleeper = (name: string): SupervisedPart => ({
  name,
  kind: 'service',
  program: 'sleep',
  args: ['30'],
  env: { PATH: process.env['PATH'] ?? '' },
  cwd: directory.path,
  logFile: join(paths.logs, `${name}.log`),
  port: 7,
});

const signalsOf = (): NodeJS.Process & EventEmitter => new EventEmitter() as NodeJS.Process & EventEmitter;

test('without a fleet there is nothing to tell and nothing to stop', async () => {
  expect(fleetStatus(paths)).toEqual([]);
  expect(await stopFleet({ paths })).toEqual([]);
});

test('the state of every part is in fleet.json until a signal ends them all', async () => {
  const signals = signalsOf();
  const run = runSupervisor([sleeper('one'), sleeper('two')], { paths, signals });
  while (readFleet(paths)?.parts.length !== 2) await sleep(10);
  expect(fleetStatus(paths)).toMatchObject([
    { name: 'one', kind: 'service', pid: expect.any(Number), port: 7, state: 'running', restarts: 0 },
    { name: 'two', state: 'running' },
  ]);
  signals.emit('SIGTERM');
  await run;
  expect(fleetStatus(paths)).toMatchObject([
    { state: 'stopped', pid: null },
    { state: 'stopped', pid: null },
  ]);
});

test('a part that died is told as waiting while its supervisor lives, as stopped when nobody will start it', () => {
  const parts = [
    { name: 'one', kind: 'service', port: 7, state: 'running', process: { pid: 4_194_303, startedAt: 'x' }, restarts: 2, lastExit: null },
  ] as const;
  const self = readFleet(paths)?.supervisor;
  if (self === undefined) throw new Error('no fleet');
  writeFleet(paths, { supervisor: self, parts });
  expect(fleetStatus(paths)).toMatchObject([{ state: 'waiting', pid: null, restarts: 2 }]);
  writeFleet(paths, { supervisor: { pid: 4_194_303, startedAt: 'x' }, parts });
  expect(fleetStatus(paths)).toMatchObject([{ state: 'stopped', pid: null }]);
});

test('a part that refuses its settings, or does not become ready in time, ends the wait with the end of its log', async () => {
  const supervisor = { pid: 4_194_303, startedAt: 'x' };
  const part = { name: 'deidentifier', kind: 'service', port: 1, state: 'waiting', process: null, restarts: 1, lastExit: 78 } as const;
  writeFileSync(join(paths.logs, 'deidentifier.log'), 'VIGIL_X is not a setting\n');
  writeFleet(paths, { supervisor, parts: [part] });
  const refused = expect.objectContaining({ code: 'BAD_SETTINGS', message: expect.stringContaining('VIGIL_X is not a setting') });
  await expect(waitForFleet({ progress: silent, paths })).rejects.toEqual(refused);
  writeFleet(paths, { supervisor, parts: [{ ...part, state: 'running' }] });
  const late = expect.objectContaining({ code: 'PART_FAILED', message: expect.stringContaining('deidentifier did not become ready') });
  await expect(waitForFleet({ progress: silent, paths, withinMs: 0 })).rejects.toEqual(late);
  writeFleet(paths, { supervisor, parts: [{ ...part, state: 'running', lastExit: null }] });
  await expect(waitForFleet({ progress: silent, paths, withinMs: 150 })).rejects.toEqual(late);
});

test('a halted part ends the wait for it: only a person resumes it', async () => {
  const halted = { parts: { stage: { live: true, ready: false, reason: 'halted' } } };
  const server = createServer((_request, response) => void response.writeHead(503).end(JSON.stringify(halted)));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const part = { name: 'deidentifier', kind: 'service', port, state: 'running', process: null, restarts: 0, lastExit: null } as const;
  writeFleet(paths, { supervisor: { pid: 4_194_303, startedAt: 'x' }, parts: [part] });
  const told: string[] = [];
  await waitForFleet({ progress: (line) => void told.push(line), paths, withinMs: 5_000 });
  server.close();
  expect(told).toEqual(['deidentifier is halted until it is resumed: vigil resume']);
});

test('a supervisor that cannot start its parts is reported with the end of its log', async () => {
  const home = stackPaths({ VIGIL_HOME: join(directory.path, 'no-stack') });
  mkdirSync(home.logs, { recursive: true });
  writeFleet(home, { supervisor: { pid: 4_194_303, startedAt: 'x' }, parts: [] });
  await expect(startFleet({ paths: home, names: ['providers'] })).rejects.toMatchObject({
    code: 'PART_FAILED',
    message: expect.stringContaining('STACK_DOWN'),
  });
});

test('parts whose supervisor was killed are found by their record and ended', async () => {
  const signals = signalsOf();
  const run = runSupervisor([sleeper('orphan')], { paths, signals });
  while (readFleet(paths)?.parts[0]?.state !== 'running' || readFleet(paths)?.parts[0]?.name !== 'orphan') await sleep(10);
  const state = readFleet(paths);
  if (state === undefined) throw new Error('no fleet');
  expect(await endOrphans(state)).toEqual(['orphan']);
  signals.emit('SIGINT');
  await run;
  expect(await endOrphans(state)).toEqual([]);
  const [part] = state.parts;
  expect(await endOrphans({ ...state, parts: part ? [{ ...part, process: null }] : [] })).toEqual([]);
});

test('a state file that cannot be written does not end the fleet', async () => {
  const said = jest.spyOn(console, 'error').mockImplementation(() => {});
  const gone = stackPaths({ VIGIL_HOME: join(directory.path, 'gone') });
  const signals = signalsOf();
  const run = runSupervisor([sleeper('kept')], { paths: gone, signals });
  while (said.mock.calls.length === 0) await sleep(10);
  signals.emit('SIGTERM');
  await run;
  expect(said.mock.calls[0]?.[0]).toMatchObject({ code: 'DISK_UNWRITABLE' });
  said.mockRestore();
  rmSync(gone.home, { recursive: true, force: true });
});
