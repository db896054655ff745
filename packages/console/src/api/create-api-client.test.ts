import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { addressOf, createApiClient } from './create-api-client.ts';

let server: Server;
let base: string;
const asked: { url: string | undefined; key: string | undefined; method: string | undefined }[] = [];
let answer: { status: number; body: string } = { status: 200, body: '{}' };
let refusals = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push({ url: request.url, key: request.headers.authorization, method: request.method });
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());
const client = () => createApiClient({ apiKey: 'the-key', fetch, base, refused: () => void refusals++ });

test('an address has its path filled in and of its query what has a value', () => {
  expect(addressOf('listFires', { scheduleId: 'w/cron' }, {})).toBe('/v1/schedules/w%2Fcron/fires');
  expect(addressOf('listRuns', {}, { workflow: 'claims', status: null, limit: 5, cursor: undefined })).toBe(
    '/v1/runs?workflow=claims&limit=5',
  );
});

test('a read sends the key and answers the body', async () => {
  answer = { status: 200, body: '{"items": [], "next": null}' };
  expect(await client().read('listRuns', { query: { workflow: 'claims' } })).toEqual({ items: [], next: null });
  expect(asked.at(-1)).toEqual({ url: '/v1/runs?workflow=claims', key: 'Bearer the-key', method: 'GET' });
  await client().read('listPools', { signal: new AbortController().signal });
  expect(asked.at(-1)).toMatchObject({ url: '/v1/pools' });
});

test('a problem is told with its code; a key that is refused besides', async () => {
  answer = { status: 404, body: '{"title": "There is no such run.", "detail": "See vigil workflows runs.", "code": "RUN_UNKNOWN"}' };
  await expect(client().read('showRun', { params: { runId: 'x' } })).rejects.toMatchObject({
    status: 404,
    code: 'RUN_UNKNOWN',
    message: 'There is no such run. See vigil workflows runs.',
  });
  answer = { status: 502, body: '<html>' };
  await expect(client().read('listPools')).rejects.toMatchObject({ code: 'UNKNOWN', message: 'The orchestrator answered 502.' });
  expect(refusals).toBe(0);
  answer = { status: 401, body: '{}' };
  await expect(client().read('listPools')).rejects.toMatchObject({ status: 401 });
  expect(refusals).toBe(1);
});

test('where nothing answers that is told; a read that was given up is nobody’s failure', async () => {
  const nowhere = createApiClient({ apiKey: 'k', fetch, base: 'http://127.0.0.1:1', refused: () => undefined });
  await expect(nowhere.read('listPools')).rejects.toMatchObject({ status: 0, code: 'NO_ANSWER' });
  await expect(nowhere.read('listPools', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
});
