import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { runCli } from '../run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigil-commands-'));
let server: Server;
let asked: { readonly line: string; readonly body: Readonly<Record<string, unknown>> | null; readonly key: string | undefined }[] = [];
let answers: Record<string, unknown> = {};

/** An orchestrator's API that answers by method and path; the rest of the world is the command's own. */
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const line = `${request.method} ${decodeURIComponent(request.url ?? '')}`;
      const key = request.headers['idempotency-key'];
      asked.push({ line, body: body === '' ? null : JSON.parse(body), key: key === undefined ? undefined : String(key) });
      response.writeHead(200).end(JSON.stringify(answers[line] ?? {}));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  writeFileSync(join(folder, 'key'), 'k\n');
  process.env['VIGIL_ORCHESTRATOR_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env['VIGIL_ORCHESTRATOR_API_KEY_FILE'] = join(folder, 'key');
});
afterAll(() => {
  delete process.env['VIGIL_ORCHESTRATOR_URL'];
  delete process.env['VIGIL_ORCHESTRATOR_API_KEY_FILE'];
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  asked = [];
  answers = {};
});

async function vigil(...args: readonly string[]) {
  const printed = { text: '', said: '' };
  const code = await runCli(['workflows', ...args], {
    stdout: { write: (text) => (printed.text += text) },
    stderr: { write: (text) => (printed.said += text) },
  });
  return { code, text: printed.text.trimEnd(), said: printed.said };
}
const run = { runId: 'r1', workflow: 'w', version: 1, status: 'running', startedAt: null, endedAt: null, reason: null };

test('lists and histories are read to their last page', async () => {
  const workflow = { version: 1, enabled: true, openRuns: 0, lastRun: null, nextFireAt: null };
  answers['GET /v1/workflows?limit=500'] = { items: [{ ...workflow, workflow: 'a' }], next: 'c2' };
  answers['GET /v1/workflows?limit=500&cursor=c2'] = { items: [{ ...workflow, workflow: 'b' }], next: null };
  const event = { at: 'T', kind: 'requested', input: {}, ignored: null };
  answers['GET /v1/runs/r1/events?limit=500'] = { items: [{ ...event, seq: 1 }], next: 'c2' };
  answers['GET /v1/runs/r1/events?limit=500&cursor=c2'] = { items: [{ ...event, seq: 2 }], next: null };

  expect((await vigil('list')).text).toMatch(/a +1 +true[^]*b +1 +true/);
  expect((await vigil('logs', 'r1')).text).toBe('    1  T  requested\n    2  T  requested');
});

test('an act sends who does it and why, and nothing that was not said', async () => {
  await vigil('pause', 'r1', '--as', 'ann');
  await vigil('retry', 'r1', '--as', 'ann', '--reason', 'disk is back');
  await vigil('retry', 'r1', '--as', 'ann', '--task', 'load');
  await vigil('retry', 'r1', '--as', 'ann', '--fixed');
  await vigil('approve', 'r1', 'ask', '--as', 'ann', '--decline');
  await vigil('enable', 'w/hourly', '--as', 'ann');
  await vigil('disable', 'w', '--as', 'ann');

  expect(asked.map(({ line, body }) => [line, body])).toEqual([
    ['POST /v1/runs/r1/pause', { by: 'ann', reason: '' }],
    ['POST /v1/runs/r1/retry', { by: 'ann', reason: 'disk is back' }],
    ['POST /v1/runs/r1/retry', { by: 'ann', reason: '', task: 'load' }],
    ['POST /v1/runs/r1/move', { by: 'ann', reason: '' }],
    ['POST /v1/runs/r1/approvals/ask', { by: 'ann', reason: '', decision: 'declined' }],
    ['POST /v1/schedules/w/hourly/enable', { by: 'ann' }],
    ['POST /v1/workflows/w/disable', { by: 'ann' }],
  ]);
});

test('a run is started plainly, or with what was given; without --wait its id is all', async () => {
  answers['POST /v1/runs'] = run;

  expect(await vigil('run', 'w', '--as', 'ann')).toMatchObject({ code: 0, text: 'r1  running' });
  await vigil('run', 'w', '--as', 'ann', '--priority', '0', '--key', 'monday', '--parameter', 'k=1', '--parameter', 'full=false');
  const body = { workflow: 'w', parameters: {}, trigger: 'manual', by: 'ann', reason: '' };
  expect(asked.map(({ body: sent, key }) => [sent, key])).toEqual([
    [body, undefined],
    [{ ...body, priority: 0, parameters: { k: 1, full: false } }, 'monday'],
  ]);
});

test('a run that is waited for and fails ends the command with 1 and its tree', async () => {
  answers['POST /v1/runs'] = run;
  answers['GET /v1/runs/r1'] = { ...run, status: 'failed' };
  answers['GET /v1/runs/r1/tree'] = { runs: [{ ...run, status: 'failed', depth: 0, tasks: [] }] };

  expect(await vigil('run', 'w', '--wait', '5')).toMatchObject({ code: 1, text: 'w@1  failed  r1', said: 'run r1 of w, version 1\n' });
});

test('runs are asked for with what was given, and older ones are pointed to', async () => {
  answers['GET /v1/runs?limit=20'] = { items: [], next: null };
  answers['GET /v1/runs?workflow=w&status=open&trigger=cron&cursor=c1&limit=3'] = { items: [], next: 'c2' };

  expect(await vigil('runs')).toMatchObject({ code: 0, said: '' });
  expect(await vigil('runs', '--workflow', 'w', '--status', 'open', '--trigger', 'cron', '--cursor', 'c1', '--limit', '3')).toMatchObject({
    said: 'older ones: --cursor c2\n',
  });
});

test('a backfill is asked for in UTC, one run at once unless told otherwise, once for a key', async () => {
  const parts = { waiting: 0, started: 0, succeeded: 0, failed: 0, cancelled: 0 };
  const backfill = { backfillId: 'b1', workflow: 'w', from: 'F', until: 'U', atOnce: 1, state: 'running', parts };
  for (const path of ['POST /v1/backfills', 'GET /v1/backfills/b1', 'POST /v1/backfills/b1/pause']) answers[path] = backfill;
  answers['GET /v1/backfills?limit=100'] = { items: [] };
  const range = ['--from', '2024-03-01T00:00:00+01:00', '--until', '2024-03-02T00:00:00Z', '--as', 'ann'];

  expect((await vigil('backfill', 'list')).text).toBe('no backfills');
  await vigil('backfill', 'start', 'w', ...range);
  await vigil('backfill', 'start', 'w', ...range, '--at-once', '4', '--key', 'march');
  expect((await vigil('backfill', 'show', 'b1')).text).toMatch(/^b1 {2}w {2}running/);
  expect((await vigil('backfill', 'pause', 'b1')).code).toBe(0);
  const body = { workflow: 'w', from: '2024-02-29T23:00:00.000Z', until: '2024-03-02T00:00:00.000Z', atOnce: 1, by: 'ann', reason: '' };
  expect(asked.slice(1, 3).map(({ body: sent, key }) => [sent, key])).toEqual([
    [body, undefined],
    [{ ...body, atOnce: 4 }, 'march'],
  ]);
});

test('a definition is shown as text or as what it says, of the version asked for; pools are shown whole or one of them', async () => {
  answers['GET /v1/workflows/w?version=2'] = { text: 'name: w\n' };
  answers['GET /v1/workflows/w'] = { workflow: 'w', version: 3, enabled: true, description: '', tasks: [], schedules: [], versions: [] };
  const weight = { slots: 1, cpu: 1, memoryMiB: 1, io: 1 };
  answers['GET /v1/pools'] = {
    items: ['batch', 'stream'].map((pool) => ({ pool, capacity: weight, taken: weight, queued: 0, holders: [] })),
  };

  expect((await vigil('show', 'w', '--at-version', '2', '--text')).text).toBe('name: w');
  expect((await vigil('show', 'w')).text).toMatch(/^w, version 3\n/);
  expect((await vigil('pools')).text.split('\n')).toHaveLength(2);
  expect((await vigil('pools', 'batch', '--slots', '8')).text).toMatch(/^batch: /);
  expect(asked.find(({ line }) => line.startsWith('PUT'))).toMatchObject({ line: 'PUT /v1/pools/batch', body: { slots: 8 } });
});
