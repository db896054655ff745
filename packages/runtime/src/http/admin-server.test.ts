import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createMetrics } from '../telemetry/create-metrics.ts';
import { startAdminServer, type AdminServer } from './admin-server.ts';
import { createHealth, type PartHealth } from './create-health.ts';

const host = '127.0.0.1';
let open: AdminServer | null = null;
afterEach(async () => {
  await open?.close();
  open = null;
});

async function served() {
  const metrics = createMetrics('bed-watcher');
  const health = createHealth();
  const admin = await startAdminServer({ host, port: 0, metrics, health });
  open = admin;
  const get = async (path: string) => {
    const response = await fetch(`http://${host}:${admin.port}${path}`);
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text(), headers: response.headers };
  };
  return { metrics, health, admin, get };
}

test('metrics are served as Prometheus reads them', async () => {
  const { metrics, get } = await served();
  metrics.counter({ name: 'vigil_things_total', help: 'Things.' }).add(2);

  const { status, type, text, headers } = await get('/metrics');

  expect(status).toBe(200);
  expect(type).toContain('text/plain; version=0.0.4');
  expect(text).toContain('vigil_things_total{service="bed-watcher"} 2');
  expect(headers.get('x-powered-by')).toBeNull();
});

test('health follows what the parts say, from the start to the stop', async () => {
  const { health, get } = await served();
  const statuses = async () => [(await get('/health/live')).status, (await get('/health/ready')).status];
  let stage: PartHealth = { live: true, ready: false, reason: 'restoring' };

  expect(await statuses()).toEqual([200, 503]);
  health.started();
  expect(await statuses()).toEqual([200, 200]);
  health.watch('stage', () => stage);
  expect(await statuses()).toEqual([200, 503]);
  expect(JSON.parse((await get('/health/ready')).text)).toEqual({
    live: true,
    ready: false,
    parts: { process: { live: true, ready: true }, stage: { live: true, ready: false, reason: 'restoring' } },
  });
  stage = { live: true, ready: true };
  expect(await statuses()).toEqual([200, 200]);
  stage = { live: false, ready: false, reason: 'stuck' };
  expect(await statuses()).toEqual([503, 503]);
  stage = { live: true, ready: true };
  health.stopping();
  expect(await statuses()).toEqual([200, 503]);
});

test('a part that cannot say how it is counts as not live', async () => {
  const { health, get } = await served();
  health.started();
  health.watch('stage', () => {
    throw new Error('Jane CANARY');
  });

  const { status, text } = await get('/health/live');

  expect(status).toBe(503);
  expect(text).toContain('probe failed');
  expect(text).not.toContain('CANARY');
});

test('a service can serve further internal routes', async () => {
  const { admin, get } = await served();
  admin.app.get('/windows/open', (_request, response) => {
    response.json({ open: 3 });
  });
  expect((await get('/windows/open')).text).toBe('{"open":3}');
});

test('a taken port is an error that names the setting', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => {
    other.listen(0, host, resolve);
  });
  const { port } = other.address() as AddressInfo;

  await expect(startAdminServer({ host, port, metrics: createMetrics('x'), health: createHealth() })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringContaining('VIGIL_ADMIN_PORT'),
  });
  other.close();
});

test('an address of another machine is an error', async () => {
  await expect(startAdminServer({ host: '192.0.2.1', port: 0, metrics: createMetrics('x'), health: createHealth() })).rejects.toMatchObject(
    { code: 'EADDRNOTAVAIL' },
  );
});

test('a route that fails answers 500 and shows nothing of the failure', async () => {
  const { admin, get } = await served();
  admin.app.get('/ward', () => Promise.reject(new Error('Jane CANARY')));

  expect(await get('/ward')).toMatchObject({ status: 500, text: '' });
});
