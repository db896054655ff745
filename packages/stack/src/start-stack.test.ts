import { afterAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { temporaryDirectory } from '../test-support/temporary-home.ts';
import { hostAndPort } from './host-and-port.ts';
import { portOf } from './native/part-context.ts';
import { clusterDirectory, serverUser } from './native/start-postgres.ts';
import { stackPaths } from './paths.ts';
import { startOf } from './process-identity.ts';
import { stackEnv } from './stack-env.ts';
import { stackStatus } from './stack-status.ts';
import { startStack } from './start-stack.ts';
import { readState, writeState } from './state-file.ts';
import { stopStack } from './stop-stack.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const pathsOf = (name: string) => stackPaths({ VIGIL_HOME: join(directory.path, name) });

const outside = {
  VIGIL_STACK: 'native',
  VIGIL_KAFKA_BROKERS: '127.0.0.1:1,127.0.0.1:2',
  VIGIL_SCHEMA_REGISTRY_URL: 'http://127.0.0.1:3/apis/ccompat/v7',
  VIGIL_DATABASE_URL: 'postgresql://u:p@127.0.0.1:4/mine',
  VIGIL_REDIS_URL: 'redis://127.0.0.1:5',
  VIGIL_SFTP_URL: 'sftp://sender@127.0.0.1:6/files',
};

test('parts with an address in the environment are used as they are, never started', async () => {
  const paths = pathsOf('outside');
  const { env } = await startStack({ environment: outside, paths });
  expect(env).toMatchObject({
    kafkaBrokers: '127.0.0.1:1,127.0.0.1:2',
    schemaRegistryUrl: 'http://127.0.0.1:3/apis/ccompat/v7',
    databaseUrl: 'postgresql://u:p@127.0.0.1:4/mine',
    warehouseUrl: 'postgresql://u:p@127.0.0.1:4/vigil_warehouse',
    redisUrl: 'redis://127.0.0.1:5',
    sftpUrl: 'sftp://sender@127.0.0.1:6/files',
    researchDatabaseUrl: 'postgresql://u:p@127.0.0.1:4/vigil_research',
    gatewayUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    orchestratorUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    pagerUrl: expect.stringMatching(/^http:/),
  });
  expect(env.gatewayApiKey).toBe(readFileSync(paths.apiKeyFile, 'utf8'));
  expect(await stackStatus(paths)).toMatchObject([
    { name: 'kafka', mode: 'external', state: 'silent', address: '127.0.0.1:1', pid: null, port: 1 },
    { name: 'registry', state: 'silent' },
    { name: 'postgres', state: 'silent' },
    { name: 'redis', state: 'silent', port: 5 },
    { name: 'sftp', state: 'silent', port: 6 },
  ]);
  expect(JSON.stringify(await stackStatus(paths))).not.toContain('u:p');
  expect(await stopStack({ paths })).toEqual([]);
});

test('a warehouse of its own is taken as it is', async () => {
  const environment = { ...outside, VIGIL_WAREHOUSE_URL: 'postgresql://w@127.0.0.1:6/w' };
  const { env } = await startStack({ environment, paths: pathsOf('warehouse') });
  expect(env.warehouseUrl).toBe('postgresql://w@127.0.0.1:6/w');
});

test('addresses stay the same from one start to the next', async () => {
  const paths = pathsOf('outside');
  const before = readState(paths.stateFile)?.ports;
  const { env } = await startStack({ environment: outside, paths });
  expect(readState(paths.stateFile)?.ports).toEqual(before);
  expect(env.gatewayUrl).toBe(`http://127.0.0.1:${before?.['gateway']}`);
});

test('a part whose remembered port another program holds is named, with the port', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const paths = pathsOf('taken');
  mkdirSync(paths.home);
  writeState(paths.stateFile, { version: 1, ports: { redis: port }, parts: {}, databasePassword: 'p' });
  const { VIGIL_REDIS_URL: _redis, ...environment } = outside;
  await expect(startStack({ environment, paths })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringContaining(`Port ${port} of redis`),
  });
  expect(() => stackEnv(paths)).toThrow(expect.objectContaining({ code: 'STACK_DOWN' }));
  server.close();
});

test('when one part cannot be started, those that could are ended', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const paths = pathsOf('half');
  mkdirSync(paths.home);
  writeState(paths.stateFile, { version: 1, ports: { kafka: (server.address() as AddressInfo).port }, parts: {}, databasePassword: 'p' });
  const { VIGIL_REDIS_URL: _redis, VIGIL_KAFKA_BROKERS: _kafka, ...environment } = outside;
  await expect(startStack({ environment, paths })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringContaining('of kafka'),
  });
  expect(readState(paths.stateFile)?.parts.redis?.process).toBeDefined();
  expect((await stackStatus(paths))[3]).toMatchObject({ name: 'redis', state: 'stopped', pid: null });
  server.close();
});

test('one part starts, is found running, and leaves no process', async () => {
  const paths = pathsOf('redis');
  const { VIGIL_REDIS_URL: _redis, ...environment } = outside;
  const said: string[] = [];
  const first = await startStack({ environment, paths, progress: (line) => said.push(line) });
  const second = await startStack({ environment, paths, progress: (line) => said.push(line) });
  expect(second.env).toEqual(first.env);
  expect(said).toEqual(['starting redis', expect.stringContaining('redis is up after')]);
  expect((await stackStatus(paths))[3]).toMatchObject({ name: 'redis', mode: 'native', state: 'running', pid: expect.any(Number) });
  await first.stop();
  expect((await stackStatus(paths))[3]).toMatchObject({ state: 'stopped', pid: null, port: null });
  expect(await stopStack({ paths })).toEqual([]);
});

test('its own address in the environment is no other part; another address takes its place', async () => {
  const paths = pathsOf('redis');
  const { VIGIL_REDIS_URL: _redis, ...environment } = outside;
  const { env } = await startStack({ environment, paths });
  await startStack({ environment: { ...environment, VIGIL_REDIS_URL: env.redisUrl }, paths });
  const [, , , own] = await stackStatus(paths);
  expect(own).toMatchObject({ mode: 'native', state: 'running' });
  await startStack({ environment: outside, paths });
  expect((await stackStatus(paths))[3]).toMatchObject({ mode: 'external', pid: null });
  expect(startOf(own?.pid ?? 0)).toBeUndefined();
});

test('processes of an earlier boot are not taken for ours: neither running nor ended', async () => {
  const paths = pathsOf('reboot');
  mkdirSync(paths.home);
  const redis = { mode: 'native', address: 'redis://127.0.0.1:5', process: { pid: process.pid, startedAt: 'another-boot:1' } } as const;
  writeState(paths.stateFile, { version: 1, ports: {}, parts: { redis }, databasePassword: 'p' });
  expect((await stackStatus(paths))[3]).toMatchObject({ state: 'stopped', pid: null });
  expect(() => stackEnv(paths)).toThrow(expect.objectContaining({ code: 'STACK_DOWN' }));
  expect(await stopStack({ paths })).toEqual([]);
});

test('without a stack there are no addresses, and a part that ended is named', async () => {
  expect(() => stackEnv(pathsOf('none'))).toThrow(
    expect.objectContaining({ code: 'STACK_DOWN', message: expect.stringContaining('npx vigil stack up') }),
  );
  const paths = pathsOf('ended');
  await startStack({ environment: outside, paths });
  const state = readState(paths.stateFile);
  if (state === undefined) throw new Error('no state');
  const kafka = { mode: 'native', address: '127.0.0.1:1', process: { pid: 4_194_303, startedAt: 'x' } } as const;
  writeState(paths.stateFile, { ...state, parts: { ...state.parts, kafka } });
  expect(() => stackEnv(paths)).toThrow(expect.objectContaining({ message: expect.stringContaining('kafka ended.') }));
});

test('a damaged state file is named', async () => {
  const paths = pathsOf('damaged');
  mkdirSync(paths.home);
  writeFileSync(paths.stateFile, 'no JSON');
  await expect(startStack({ environment: outside, paths })).rejects.toMatchObject({ code: 'BAD_SETTINGS' });
});

test('hosts and ports of every kind of address', () => {
  expect(hostAndPort('a:1,b:2')).toEqual({ host: 'a', port: 1 });
  expect(hostAndPort('postgresql://u:p@db/x')).toEqual({ host: 'db', port: 5432 });
  expect(hostAndPort('https://registry/apis')).toEqual({ host: 'registry', port: 443 });
  expect(hostAndPort('http://registry/apis')).toEqual({ host: 'registry', port: 80 });
});

test('a cluster below a private directory lies elsewhere when another user must enter it', () => {
  const home = join(directory.path, 'private', 'home');
  mkdirSync(home, { recursive: true });
  chmodSync(join(directory.path, 'private'), 0o700);
  expect(clusterDirectory(home, undefined)).toBe(join(home, 'postgres'));
  expect(clusterDirectory(home, { uid: 1, gid: 1 })).toMatch(/^\/var\/tmp\/vigil-postgres-[0-9a-f]{12}$/);
  expect(clusterDirectory('/usr', { uid: 1, gid: 1 })).toBe('/usr/postgres');
});

test('only root runs PostgreSQL as another user', async () => {
  expect(await serverUser(1000)).toBeUndefined();
});

test('a part without a port is a fault of ours', () => {
  expect(() => portOf({}, 'kafka')).toThrow('no port was assigned to kafka');
});
