import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { temporaryDirectory } from '../test-support/temporary-home.ts';
import { fleet } from './fleet.ts';
import { repositoryRoot, stackPaths } from './paths.ts';
import { startStack } from './start-stack.ts';
import { askReadiness } from './supervisor/ask-readiness.ts';
import { fleetParts, selectParts } from './supervisor/fleet-parts.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const paths = stackPaths({ VIGIL_HOME: join(directory.path, 'home') });
beforeAll(async () => {
  const environment = {
    VIGIL_KAFKA_BROKERS: '127.0.0.1:1',
    VIGIL_SCHEMA_REGISTRY_URL: 'http://127.0.0.1:2',
    VIGIL_DATABASE_URL: 'postgresql://u@127.0.0.1:3/d',
    VIGIL_REDIS_URL: 'redis://127.0.0.1:4',
    VIGIL_SFTP_URL: 'sftp://sender@127.0.0.1:5/files',
  };
  await startStack({ environment, paths });
});

test('every program of the fleet is there', () => {
  expect(fleet.filter(({ main }) => !existsSync(join(repositoryRoot, main)))).toEqual([]);
});

test('parts are chosen by name, by service, or all at once, in the order of the fleet', () => {
  expect(selectParts(['all'])).toEqual(fleet);
  expect(selectParts(['device-ingest', 'providers']).map(({ name }) => name)).toEqual(['providers', 'device-ingest']);
  expect(selectParts(['warehouse-loader'])).toHaveLength(4);
  expect(() => selectParts(['device-ingets'])).toThrow(
    expect.objectContaining({ code: 'BAD_USAGE', message: expect.stringContaining('device-ingest') }),
  );
});

test('each part gets the addresses, ports of its own, and the settings of the caller', () => {
  const parts = fleetParts(fleet, paths, { VIGIL_LOG_LEVEL: 'debug', OTEL_X: 'y', HOME_OF_SECRETS: 'no' });
  const byName = new Map(parts.map((part) => [part.name, part]));
  expect(byName.get('warehouse-loader.lake')).toMatchObject({
    kind: 'service',
    args: [join(repositoryRoot, 'services/warehouse-loader/src/main.ts'), '--target', 'lake'],
    env: { VIGIL_KAFKA_BROKERS: '127.0.0.1:1', VIGIL_LOG_LEVEL: 'debug', OTEL_X: 'y', VIGIL_KEYS_FILE: paths.keysFile },
  });
  expect(byName.get('device-ingest')?.env['VIGIL_GATEWAY_PORT']).toMatch(/^\d+$/);
  const webhookPort = byName.get('alert-router')?.env['VIGIL_WEBHOOK_PORT'];
  expect(byName.get('providers')).toMatchObject({
    kind: 'infrastructure',
    env: {
      VIGIL_PROVIDERS_WEBHOOK_URL: `http://127.0.0.1:${webhookPort}/v1/webhooks/pagerduty`,
      VIGIL_PROVIDERS_WEBHOOK_SECRET: expect.any(String),
    },
  });
  expect(fleetParts(fleet, paths, { VIGIL_NODE_OPTIONS: '--inspect=0', NODE_OPTIONS: '--own' })[0]?.env['NODE_OPTIONS']).toBe(
    '--inspect=0',
  );
  const adminPorts = parts.map(({ port }) => port);
  expect(new Set(adminPorts).size).toBe(parts.length);
  expect(parts.some(({ env }) => 'HOME_OF_SECRETS' in env || 'NODE_OPTIONS' in env)).toBe(false);
});

test('a part that does not answer is not ready', async () => {
  const asked = await askReadiness([
    { name: 'deidentifier', port: 1, state: 'running' },
    { name: 'deidentifier', port: 1, state: 'waiting' },
    { name: 'unknown', port: 1, state: 'running' },
  ]);
  expect(asked.map(({ ready }) => ready)).toEqual([false, false, false]);
});

test('a part that is halted says so, before what follows from it and once nothing else is on its way', async () => {
  const notReady = (reason: string) => ({ live: true, ready: false, reason });
  const oneHalted = { process: { live: true, ready: true }, intake: notReady('joining'), 'intake limits': notReady('halted') };
  const answers = [
    { parts: { ...oneHalted, adjudicate: notReady('joining') } },
    { parts: { ...oneHalted, adjudicate: notReady('restoring') } },
    { parts: { ...oneHalted, adjudicate: { live: true, ready: true } } },
    { parts: { ...oneHalted, adjudicate: notReady('joining'), 'adjudicate limits': notReady('halted') } },
    { parts: { process: { live: true, ready: false, reason: 'starting' }, limits: { live: true, ready: false, reason: 'halted' } } },
    { parts: { process: { live: true, ready: false, reason: 'starting' } } },
    { parts: {} },
    'no report',
  ];
  const server = createServer((_request, response) => response.writeHead(503).end(JSON.stringify(answers.shift())));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const reasonNow = async () => (await askReadiness([{ name: 'deidentifier', port, state: 'running' }]))[0]?.reason;
  try {
    expect([await reasonNow(), await reasonNow(), await reasonNow(), await reasonNow()]).toEqual([
      'joining',
      'restoring',
      'halted',
      'halted',
    ]);
    expect([await reasonNow(), await reasonNow(), await reasonNow(), await reasonNow()]).toEqual(['halted', 'starting', null, null]);
  } finally {
    await new Promise((resolve) => void server.close(resolve));
  }
});
