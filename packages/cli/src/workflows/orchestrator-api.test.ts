import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { openOrchestratorApi } from './orchestrator-api.ts';
import { awaitRun, parametersOf } from './run-options.ts';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

interface Asked {
  readonly line: string;
  readonly type: string | undefined;
  readonly key: string | undefined;
  readonly body: string;
}

/** An API that gives one answer to everything. */
async function serve(status: number, answer: string) {
  const asked: Asked[] = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { 'content-type': type, authorization: key } = request.headers;
      asked.push({ line: `${request.method} ${request.url}`, type, key, body });
      response.writeHead(status).end(answer);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return { api: openOrchestratorApi({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, apiKey: 'k' }), asked };
}

test('what is asked carries the key, a body only where there is one, and of the query what is given', async () => {
  const { api, asked } = await serve(200, '{"n":1}');

  expect(await api.get('/v1/runs')).toEqual({ n: 1 });
  await api.get('/v1/runs', { limit: 2, status: undefined });
  await api.put('/v1/pools/p', { slots: 1 });
  expect(asked).toEqual([
    { line: 'GET /v1/runs', type: undefined, key: 'Bearer k', body: '' },
    { line: 'GET /v1/runs?limit=2', type: undefined, key: 'Bearer k', body: '' },
    { line: 'PUT /v1/pools/p', type: 'application/json', key: 'Bearer k', body: '{"slots":1}' },
  ]);
});

test.each([
  ['an answer that is no problem', 502, '<html>', 'The orchestrator answers 502: no problem told'],
  ['a problem of a code that is not known here', 409, '{"code":"OF_LATER","title":"Later"}', 'The orchestrator answers 409: Later'],
  ['a code of the catalogue, without repeating its words', 404, '{"code":"RUN_UNKNOWN"}', /^\S/],
  [
    'every field that is wrong, with its place where it has one',
    422,
    '{"code":"BAD_DEFINITION","errors":[{"field":"tasks","message":"none","line":3},{"field":"","message":"no YAML","line":1,"column":2},{"field":"name","message":"missing"}]}',
    /\n {2}3:1 tasks: none\n {2}1:2 no YAML\n {2}name: missing/,
  ],
])('%s is told', async (_what, status, answer, told) => {
  const { api } = await serve(status, answer);

  await expect(api.post('/v1/runs', {})).rejects.toThrow(told);
});

test('parameters are numbers and truth values where they read as such; a name without a value is refused', async () => {
  await serve(200, '{}');

  expect(parametersOf()).toEqual({});
  expect(parametersOf(['k=20', 'x=-1.5', 'on=true', 'off=false', 'text=a=b', 'empty='])).toEqual({
    k: 20,
    x: -1.5,
    on: true,
    off: false,
    text: 'a=b',
    empty: '',
  });
  expect(() => parametersOf(['k'])).toThrow(expect.objectContaining({ code: 'BAD_USAGE' }));
});

test('a run is looked at until it has ended', async () => {
  const { api, asked } = await serve(200, '{"status":"succeeded"}');
  let looks = 0;
  const look = () => (++looks < 3 ? Promise.resolve({ status: 'running' }) : api.get<{ status: string }>('/v1/runs/r'));

  expect(await awaitRun({ look, withinSeconds: 10, everyMs: 1 })).toEqual({ status: 'succeeded' });
  expect(asked).toHaveLength(1);
});
