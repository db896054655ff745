import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApi } from '../../api/create-api.ts';
import type { Handlers } from '../../api/routes.ts';
import { serveApi, type ServedApi } from './serve-api.ts';
import { serveConsole } from './serve-console.ts';

const directory = mkdtempSync(join(tmpdir(), 'vigil-console-'));
const answered: [string, number][] = [];
let served: ServedApi;

beforeAll(async () => {
  const app = createApi({
    apiKey: 'key-of-tests-0123456789',
    handlers: {} as Handlers,
    // No request of these tests follows the stream.
    changes: {
      follow: () => {
        throw new Error('not followed');
      },
    },
    answered: (operation, status) => void answered.push([operation, status]),
    failed: () => undefined,
    pages: serveConsole(directory),
  });
  served = await serveApi(app, { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await served.close();
  rmSync(directory, { recursive: true, force: true });
});

const ask = async (path: string) => {
  const response = await fetch(`http://127.0.0.1:${served.port}${path}`, { redirect: 'manual' });
  return { status: response.status, text: await response.text(), header: (name: string) => response.headers.get(name) };
};

test('a console that is not built is a problem that says what to do; once built it is served without a restart', async () => {
  const missing = await ask('/console/');
  expect([missing.status, missing.header('content-type')]).toEqual([503, 'application/problem+json; charset=utf-8']);
  expect(JSON.parse(missing.text)).toMatchObject({
    code: 'CONSOLE_NOT_BUILT',
    detail: expect.stringContaining('npm run build -w @vigil/console'),
  });

  mkdirSync(join(directory, 'assets'));
  writeFileSync(join(directory, 'index.html'), '<!doctype html><title>console</title>');
  writeFileSync(join(directory, 'assets/index-DI1oQvOT.js'), 'export {}');
  writeFileSync(join(directory, 'assets/plain.css'), 'a {}');
  writeFileSync(join(directory, '.sources'), 'hash');
  const page = await ask('/console/');
  expect([page.status, page.header('content-type'), page.header('cache-control')]).toEqual([200, 'text/html; charset=utf-8', 'no-cache']);
  expect(page.text).toContain('<title>console</title>');
  expect(await ask('/console')).toMatchObject({ status: 301 });
  expect(answered.map(([operation]) => operation)).toEqual(['console', 'console', 'console']);
});

test('what is named by its hash is kept for good, the rest is asked for each time', async () => {
  const script = await ask('/console/assets/index-DI1oQvOT.js');
  expect([script.header('content-type'), script.header('cache-control')]).toEqual([
    'text/javascript; charset=utf-8',
    'public, max-age=31536000, immutable',
  ]);
  expect((await ask('/console/assets/plain.css')).header('cache-control')).toBe('no-cache');
});

test('nothing inline runs, no other site is asked, and no other site frames it', async () => {
  for (const path of ['/console/', '/console/assets/index-DI1oQvOT.js']) {
    const { header } = await ask(path);
    const policy = new Map(
      header('content-security-policy')
        ?.split('; ')
        .map((part) => [part.split(' ')[0], part.split(' ').slice(1).join(' ')]),
    );
    expect(policy.get('default-src')).toBe("'none'");
    expect(['script-src', 'style-src', 'img-src', 'connect-src', 'worker-src'].map((name) => policy.get(name))).toEqual(
      Array(5).fill("'self'"),
    );
    expect(policy.get('frame-ancestors')).toBe("'none'");
    expect([header('x-content-type-options'), header('referrer-policy')]).toEqual(['nosniff', 'no-referrer']);
  }
});

test('what there is not, what is hidden, and what lies outside is not served; the API still asks for its key', async () => {
  for (const path of ['/console/none.js', '/console/.sources', '/console/%2e%2e/%2e%2e/etc/passwd', '/elsewhere']) {
    const { status, text } = await ask(path);
    expect([path, status, JSON.parse(text).code]).toEqual([path, 404, 'UNKNOWN_PATH']);
  }
  expect((await ask('/v1/runs')).status).toBe(401);
});
