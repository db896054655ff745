import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { VigilError } from '@vigil/core';
import { createPool } from '@vigil/postgres';
import { apiKey, startApiHarness, type ApiHarness } from '../../../fixtures/api-harness.ts';
import { aWorkflow } from '../../../fixtures/schedule-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness();
});
afterAll(() => api.close());
beforeEach(() => api.forget());

const hourly = '{type: cron, expression: "0 * * * *"}';
const deploy = (text: string) => api.call('post', '/v1/workflows', { body: { text, by: 'ann' } });
const run = (workflow: string, more: object = {}, headers: Record<string, string> = {}) =>
  api.call('post', '/v1/runs', { body: { workflow, ...more }, headers });
const unknownId = '00000000-0000-4000-8000-000000000000';

test('a definition is deployed once, shown with its tasks, versions and schedules, and switched', async () => {
  const text = aWorkflow('claims', hourly, 'description: Claims');
  expect(await deploy(text)).toMatchObject({
    status: 201,
    body: { workflow: 'claims', version: 1, outcome: 'created', schedules: ['claims/cron'] },
  });
  expect(await deploy(text)).toMatchObject({ status: 200, body: { version: 1, outcome: 'unchanged' } });
  expect(await deploy(text.replace('0 *', '5 *'))).toMatchObject({ status: 201, body: { version: 2 } });

  const { body } = await api.call('get', '/v1/workflows/claims');
  expect(body).toMatchObject({
    version: 2,
    enabled: true,
    description: 'Claims',
    tasks: [{ name: 'load', type: 'transformation', pool: 'default', dependsOn: [] }],
    versions: [{ version: 2, deployedBy: 'ann' }, { version: 1 }],
    schedules: [{ scheduleId: 'claims/cron', kind: 'cron', enabled: true }],
  });
  expect((await api.call('get', '/v1/workflows/claims?version=1')).body).toMatchObject({ version: 2, shown: 1, text });
  expect((await api.call('post', '/v1/workflows/claims/disable', { body: {} })).body).toMatchObject({ enabled: false });
  expect((await api.call('get', '/v1/workflows')).body.items).toMatchObject([
    { workflow: 'claims', enabled: false, openRuns: 0, lastRun: null, nextFireAt: null },
  ]);
  expect((await api.call('post', '/v1/workflows/claims/enable')).body).toMatchObject({ enabled: true, changedBy: 'api' });
});

test('a definition that is not valid is refused with line and column of every problem', async () => {
  const { status, body } = await deploy('name: x\ntasks:\n  - {name: a, type: transformation, function: f, dependz_on: [b]}\n');
  expect(status).toBe(422);
  expect(body).toMatchObject({ type: 'urn:vigil:problem:bad-definition', code: 'BAD_DEFINITION', errors: [{ line: 3, column: 50 }] });
  expect(body.errors[0].message).toMatch(/unknown field dependz_on; did you mean depends_on/);
});

test('a run is requested, shown, listed with its tree and history, and ended', async () => {
  await deploy(aWorkflow('w', '', 'parameters: {days: {type: number, default: 3}}'));
  const { status, body } = await run('w', {
    by: 'ann',
    reason: 'why not',
    trigger: 'manual',
    priority: 7,
    scheduledFor: '2024-03-15T10:00:00-04:00',
  });
  expect(status).toBe(201);
  expect(body).toMatchObject({
    workflow: 'w',
    status: 'running',
    trigger: 'manual',
    requestedBy: 'ann',
    priority: 7,
    scheduledFor: '2024-03-15T14:00:00.000Z',
  });
  const path = `/v1/runs/${body.runId}`;
  expect((await api.call('get', path)).body).toMatchObject({
    parameters: { days: 3 },
    tasks: [{ task: 'load', state: 'queued', part: 0 }],
  });
  expect((await api.call('get', `${path}/tree`)).body.runs).toMatchObject([{ runId: body.runId, depth: 0, tasks: [{ task: 'load' }] }]);
  expect((await api.call('get', `${path}/why`)).body).toMatchObject({ sentence: null, waiting: [{ task: 'load', state: 'queued' }] });

  expect((await api.call('post', `${path}/pause`, { body: { by: 'bob', reason: 'disk' } })).body).toMatchObject({ status: 'paused' });
  expect((await api.call('get', `${path}/why`)).body.sentence).toBe('The run was paused by bob: disk.');
  expect((await api.call('post', `${path}/resume`, { body: {} })).body).toMatchObject({ status: 'running' });
  await api.succeed(body.runId);
  expect((await api.call('get', path)).body).toMatchObject({ status: 'succeeded', tasks: [{ state: 'succeeded' }] });
  expect((await api.call('post', `${path}/cancel`, { body: {} })).body).toMatchObject({ status: 409, code: 'RUN_NOT_SO' });

  const first = await api.call('get', `${path}/events?limit=2`);
  const rest = await api.call('get', `${path}/events?cursor=${first.body.next}`);
  expect([...first.body.items, ...rest.body.items].map(({ kind }: { kind: string }) => kind)).toEqual([
    'requested',
    'pause',
    'resume',
    'succeeded',
    'cancel',
  ]);
  expect((await api.call('post', `${path}/retry`, { body: { task: 'load' } })).body).toMatchObject({ status: 'running' });
  expect((await api.call('post', `${path}/retry`, { body: { task: 'none' } })).body).toMatchObject({ code: 'RUN_NOT_SO' });
});

test('fix and resume: a run that failed goes on under the version in force', async () => {
  const text = aWorkflow('w');
  await deploy(text);
  const { runId } = (await run('w')).body;
  const { rows } = await api.database.pool.query('SELECT epoch FROM orchestration.task_run WHERE run_id = $1', [runId]);
  const error = { code: 'BAD_DEFINITION', kind: 'config', detail: 'no such table' } as const;
  await api.runs.step([{ runId, messageId: null, input: { kind: 'failed', task: 'load', part: 0, epoch: rows[0].epoch, error } }]);
  expect((await api.call('get', `/v1/runs/${runId}`)).body).toMatchObject({ status: 'failed', tasks: [{ error }] });
  await deploy(text.replace('sql_load', 'sql_fixed'));
  expect((await api.call('post', `/v1/runs/${runId}/move`, { body: { version: 9 } })).body).toMatchObject({ code: 'WORKFLOW_UNKNOWN' });
  expect((await api.call('post', `/v1/runs/${runId}/move`, { body: {} })).body).toMatchObject({ status: 'running', version: 2 });
});

test('only its approvers decide about a task, once', async () => {
  await deploy('name: w\ntasks:\n  - {name: ask, type: approval, approvers: [carol], message: Publish?}\n');
  const { runId } = (await run('w')).body;
  const decide = (by: string, task = 'ask') =>
    api.call('post', `/v1/runs/${runId}/approvals/${task}`, { body: { by, decision: 'approved' } });
  expect((await api.call('get', `/v1/runs/${runId}/why`)).body.waiting).toMatchObject([
    { sentence: 'ask waits for carol to approve or decline.' },
  ]);
  expect(await decide('bob')).toMatchObject({ status: 403, body: { code: 'NO_APPROVER' } });
  expect(await decide('carol', 'other')).toMatchObject({ status: 409 });
  expect((await decide('carol')).body).toMatchObject({ status: 'succeeded' });
  expect(await decide('carol')).toMatchObject({ status: 409, body: { code: 'RUN_NOT_SO' } });
});

test('an Idempotency-Key answers a repeat with the first run and refuses another request', async () => {
  await deploy(aWorkflow('w'));
  await deploy(aWorkflow('v'));
  const key = { 'Idempotency-Key': 'abc-1' };
  const raced = await Promise.all([run('w', { reason: 'x' }, key), run('w', { reason: 'x' }, key), run('w', { reason: 'x' }, key)]);
  expect(raced.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 200, 201]);
  expect(new Set(raced.map(({ body }) => body.runId)).size).toBe(1);
  expect(await run('v', { reason: 'x' }, key)).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  expect(await run('w', { reason: 'y' }, key)).toMatchObject({ status: 422 });
  expect(await run('w', {}, { 'Idempotency-Key': 'a b' })).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
  expect((await api.call('get', '/v1/runs')).body.items).toHaveLength(1);
});

test('pages stay as they are while runs are added, and filters narrow them', async () => {
  await deploy(aWorkflow('w'));
  await deploy(aWorkflow('v'));
  const made: string[] = [];
  for (let number = 0; number < 7; number++) made.unshift((await run(number % 2 === 0 ? 'w' : 'v')).body.runId);
  const seen: string[] = [];
  let cursor = '';
  do {
    const { body } = await api.call('get', `/v1/runs?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`);
    seen.push(...body.items.map(({ runId }: { runId: string }) => runId));
    cursor = body.next ?? '';
    await run('w');
  } while (cursor !== '');
  expect(seen).toEqual(made);
  await api.succeed(made[0] ?? '');
  const count = async (query: string): Promise<number> => (await api.call('get', `/v1/runs?${query}`)).body.items.length;
  expect(await count('workflow=v')).toBe(3);
  expect(await count('status=succeeded')).toBe(1);
  expect(await count('workflow=w&status=open')).toBe(6);
  expect(await count('trigger=cron')).toBe(0);
  expect(await count('since=2999-01-01T00:00:00Z')).toBe(0);
  for (const bad of ['cursor=x', `cursor=${Buffer.from('["now()", "x"]').toString('base64url')}`, 'limit=0', 'status=odd', 'workflow=A']) {
    expect(await api.call('get', `/v1/runs?${bad}`)).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
  }
});

test('a backfill makes a run for each time, a few at once; paused, resumed, cancelled', async () => {
  await deploy(aWorkflow('w', hourly));
  const range = { workflow: 'w', from: '2024-03-15T00:00:00Z', until: '2024-03-15T04:00:00Z', atOnce: 2, by: 'ann' };
  const ask = (body: object, key = 'b1') => api.call('post', '/v1/backfills', { body, headers: { 'Idempotency-Key': key } });
  const { status, body } = await ask(range);
  expect(status).toBe(201);
  expect(body).toMatchObject({ state: 'running', parts: { waiting: 4, started: 0 } });
  expect(await ask(range)).toMatchObject({ status: 200, body: { backfillId: body.backfillId } });
  expect(await ask({ ...range, atOnce: 3 })).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  const path = `/v1/backfills/${body.backfillId}`;
  const open = async (): Promise<string[]> =>
    (await api.call('get', '/v1/runs?trigger=backfill&status=open')).body.items.map(({ runId }: { runId: string }) => runId);

  await api.takeOthers();
  await api.takeOthers();
  expect((await api.call('get', path)).body.partitions).toMatchObject([
    { scheduledFor: '2024-03-15T00:00:00.000Z', state: 'started' },
    { scheduledFor: '2024-03-15T01:00:00.000Z', state: 'started' },
    { state: 'waiting', runId: null },
    { state: 'waiting', runId: null },
  ]);
  const [second = '', first = ''] = await open();
  expect((await api.call('post', `${path}/pause`, { body: {} })).body.state).toBe('paused');
  await api.succeed(first);
  await api.takeOthers();
  expect((await api.call('get', path)).body.parts).toMatchObject({ succeeded: 1, started: 1, waiting: 2 });
  expect(await api.call('post', `${path}/pause`, { body: {} })).toMatchObject({ status: 409, body: { code: 'BACKFILL_NOT_SO' } });
  await api.call('post', `${path}/resume`, { body: {} });
  await api.takeOthers();
  expect(await open()).toHaveLength(2);

  // Its runs cannot be told for now: then it is not cancelled either, and the wish can be repeated.
  await api.query("ALTER TABLE orchestration.run ADD CONSTRAINT refused CHECK (status <> 'cancelling') NOT VALID");
  expect((await api.call('post', `${path}/cancel`, { body: { reason: 'enough' } })).status).toBeGreaterThanOrEqual(500);
  expect((await api.call('get', path)).body).toMatchObject({ state: 'running', parts: { cancelled: 0, waiting: 1 } });
  await api.query('ALTER TABLE orchestration.run DROP CONSTRAINT refused');
  expect((await api.call('post', `${path}/cancel`, { body: { reason: 'enough' } })).body).toMatchObject({
    state: 'cancelled',
    parts: { cancelled: 1 },
  });
  await api.cancel(second);
  expect((await api.call('get', '/v1/backfills?workflow=w')).body.items).toMatchObject([{ parts: { succeeded: 1, cancelled: 2 } }]);
  expect((await ask({ ...range, until: range.from }, 'b2')).body).toMatchObject({ status: 422, code: 'BAD_BACKFILL' });
  expect((await ask({ ...range, until: '2034-03-15T00:00:00Z' }, 'b3')).body.detail).toMatch(/more than 10000 times/);
});

test('a backfill is done when each of its runs has ended', async () => {
  await deploy(aWorkflow('w', hourly));
  const range = { workflow: 'w', from: '2024-03-15T00:00:00Z', until: '2024-03-15T01:00:00Z' };
  const { backfillId } = (await api.call('post', '/v1/backfills', { body: range })).body;
  await api.takeOthers();
  const [only] = (await api.call('get', '/v1/runs')).body.items;
  expect(only).toMatchObject({ trigger: 'backfill', scheduledFor: '2024-03-15T00:00:00.000Z', priority: 3 });
  await api.succeed(only.runId);
  await api.takeOthers();
  expect((await api.call('get', `/v1/backfills/${backfillId}`)).body).toMatchObject({
    state: 'done',
    partitions: [{ state: 'succeeded', runId: only.runId }],
  });
});

test('schedules are deployed by file, listed with what was decided, and switched', async () => {
  await deploy(aWorkflow('w', hourly));
  const entry = '{name: soon, workflow: w, schedule: {type: interval, every: 1min, catch_up: latest}}';
  const put = (text: string) => api.call('put', '/v1/schedules/daily', { body: { text } });
  expect((await put(`schedules: [${entry}]`)).body).toEqual({ schedules: ['w/soon'] });
  expect(await put('schedules: [{name: x}]')).toMatchObject({ status: 422, body: { code: 'BAD_DEFINITION' } });
  expect(await put(`schedules: [${entry.replace('workflow: w', 'workflow: x')}]`)).toMatchObject({
    status: 404,
    body: { code: 'WORKFLOW_UNKNOWN' },
  });
  await api.query(
    `UPDATE orchestration.schedule SET considered_until = clock_timestamp() - interval '2 minutes', next_fire_at = clock_timestamp() WHERE schedule_id = 'w/soon'`,
  );
  await api.takeDue();
  const fires = (await api.call('get', '/v1/schedules/w%2Fsoon/fires?limit=1')).body;
  expect(fires).toMatchObject({ items: [{ decision: 'started' }] });
  expect((await api.call('get', `/v1/schedules/w%2Fsoon/fires?cursor=${fires.next}`)).body).toMatchObject({
    items: [{ decision: 'skipped-catch-up', runId: null }],
    next: null,
  });
  expect((await api.call('post', '/v1/schedules/w%2Fsoon/disable', { body: { by: 'ann' } })).body).toMatchObject({
    enabled: false,
    changedBy: 'ann',
  });
  expect((await api.call('post', '/v1/schedules/w%2Fsoon/enable', { body: {} })).body).toMatchObject({ enabled: true });
  const page = (await api.call('get', '/v1/schedules?workflow=w&limit=1')).body;
  expect((await api.call('get', `/v1/schedules?workflow=w&cursor=${page.next}`)).body.items).toMatchObject([{ scheduleId: 'w/soon' }]);
});

test('pools tell what they have, who holds it and what waits; they can be enlarged', async () => {
  await deploy(aWorkflow('w'));
  const { runId } = (await run('w')).body;
  await api.query(
    `INSERT INTO orchestration.pool (pool, slots, cpu, memory_mib, io) VALUES ('default', 4, 2, 1024, 10) ON CONFLICT (pool) DO UPDATE SET slots = 4`,
  );
  await api.query(
    `INSERT INTO orchestration.pool_slot (run_id, task, part, epoch, pool, slots, cpu, memory_mib, io) VALUES ($1, 'load', 0, 1, 'default', 1, 0.5, 64, 1)`,
    [runId],
  );
  const { items } = (await api.call('get', '/v1/pools')).body;
  expect(items.find(({ pool }: { pool: string }) => pool === 'default')).toMatchObject({
    capacity: { slots: 4 },
    taken: { slots: 1, cpu: 0.5, memoryMiB: 64, io: 1 },
    queued: 1,
    holders: [{ runId, workflow: 'w', task: 'load' }],
  });
  expect((await api.call('put', '/v1/pools/default', { body: { slots: 9 } })).body).toMatchObject({
    capacity: { slots: 9, memoryMiB: 1024 },
  });
  expect(await api.call('put', '/v1/pools/none', { body: { slots: 9 } })).toMatchObject({ status: 404, body: { code: 'POOL_UNKNOWN' } });
});

test('the file ledger shows files by id and never a path', async () => {
  await api.query(
    `INSERT INTO orchestration.file (file_id, source, path, version, bytes, modified_at, state, records_read, found_at)
     SELECT gen_random_uuid(), 'inbox', 'DOE_JOHN_' || n || '.csv', 'v', 9007199254740000, now(), CASE n WHEN 1 THEN 'LOADED' ELSE 'STABLE' END, 7,
       now() + n * interval '1 second' FROM generate_series(1, 3) n`,
  );
  const page = (await api.call('get', '/v1/files?limit=2')).body;
  expect(JSON.stringify(page)).not.toContain('DOE');
  expect((await api.call('get', `/v1/files?limit=2&cursor=${page.next}`)).body).toMatchObject({
    items: [{ state: 'LOADED', records: { read: 7 } }],
    next: null,
  });
  expect((await api.call('get', '/v1/files?source=inbox&state=STABLE')).body.items).toHaveLength(2);
});

test('whoever asks wrongly is told what is wrong, as a problem with its code', async () => {
  const without = await api.call('get', '/v1/runs', { headers: { Authorization: '' } });
  expect(without).toMatchObject({ status: 401, body: { code: 'API_KEY_REFUSED' } });
  expect(without.headers.get('www-authenticate')).toContain('Bearer');
  expect(without.headers.get('content-type')).toContain('application/problem+json');
  expect(await api.call('get', '/v1/runs', { headers: { Authorization: 'Bearer wrong-key-of-tests' } })).toMatchObject({ status: 401 });
  expect(await api.call('get', '/nowhere')).toMatchObject({ status: 404, body: { code: 'UNKNOWN_PATH' } });
  const wrongMethod = await api.call('delete', '/v1/runs');
  expect(wrongMethod).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } });
  expect(wrongMethod.headers.get('allow')).toBe('GET, POST');
  expect(await api.call('post', '/v1/runs', { raw: '{"workflow":' })).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
  expect(await api.call('post', '/v1/runs', { raw: 'x', headers: { 'Content-Type': 'text/plain' } })).toMatchObject({ status: 400 });
  expect(await api.call('post', '/v1/workflows', { raw: JSON.stringify({ text: 'x'.repeat(2_100_000) }) })).toMatchObject({ status: 413 });
  expect((await run('w', { colour: 'red', priority: 12 })).body).toMatchObject({
    status: 400,
    errors: [{ field: 'body.priority' }, { field: 'body' }],
  });
  expect(await run('w')).toMatchObject({ status: 404, body: { code: 'WORKFLOW_UNKNOWN' } });
  await deploy(aWorkflow('w', '', 'parameters: {days: {type: number}}'));
  expect((await run('w')).body).toMatchObject({ code: 'BAD_REQUEST', errors: [{ field: 'body.parameters.days' }] });
  for (const path of [`/v1/runs/${unknownId}`, `/v1/runs/${unknownId}/tree`, `/v1/runs/${unknownId}/events`, `/v1/runs/${unknownId}/why`]) {
    expect(await api.call('get', path)).toMatchObject({ status: 404, body: { code: 'RUN_UNKNOWN' } });
  }
  expect(await api.call('post', `/v1/runs/${unknownId}/pause`, { body: {} })).toMatchObject({ status: 404, body: { code: 'RUN_UNKNOWN' } });
  expect(await api.call('get', `/v1/backfills/${unknownId}`)).toMatchObject({ status: 404, body: { code: 'BACKFILL_UNKNOWN' } });
  expect(await api.call('get', '/v1/workflows/none')).toMatchObject({ status: 404 });
  expect(await api.call('get', '/v1/workflows/w?version=9')).toMatchObject({ status: 404 });
  expect(await api.call('post', '/v1/schedules/none/enable', { body: {} })).toMatchObject({
    status: 404,
    body: { code: 'SCHEDULE_UNKNOWN' },
  });
  expect(
    await api.call('post', '/v1/backfills', { body: { workflow: 'w', from: '2024-01-01T00:00:00Z', until: '2024-01-02T00:00:00Z' } }),
  ).toMatchObject({
    status: 422,
    body: { code: 'BAD_BACKFILL' },
  });
});

test('a dependency that is away is 503 with Retry-After; a failure of ours tells nothing but that it happened', async () => {
  const before = api.failures.length;
  const failing = (error: unknown): void =>
    api.replace({
      listPools: async () => {
        throw error;
      },
    });
  failing(new VigilError('DATABASE_AWAY'));
  const away = await api.call('get', '/v1/pools');
  expect(away).toMatchObject({ status: 503, body: { code: 'DATABASE_AWAY' } });
  expect(away.headers.get('retry-after')).toBe('2');
  failing(new Error('PAT_12345 has no name'));
  expect(await api.call('get', '/v1/pools')).toMatchObject({ status: 500, body: { code: 'UNKNOWN' } });
  expect(JSON.stringify((await api.call('get', '/v1/pools')).body)).not.toContain('PAT_12345');
  expect(api.failures.slice(before)).toHaveLength(2);
  api.replace({});
});

/** Reads a stream until it has `count` events or ids. */
async function readStream(
  path: string,
  count: number,
  headers: Record<string, string> = {},
): Promise<{ id: string; data: Record<string, unknown> | null }[]> {
  const stop = new AbortController();
  const response = await fetch(`${api.url}${path}`, { signal: stop.signal, headers: { Authorization: `Bearer ${apiKey}`, ...headers } });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const found: { id: string; data: Record<string, unknown> | null }[] = [];
  let text = '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString('utf8');
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const id = /^id: (.+)$/m.exec(block)?.[1];
      const data = /^data: (.+)$/m.exec(block)?.[1];
      if (id !== undefined) found.push({ id, data: data === undefined ? null : (JSON.parse(data) as Record<string, unknown>) });
    }
    if (found.length >= count) break;
  }
  stop.abort();
  return found;
}

test('the stream tells every change once and in order, also to who was away: Last-Event-ID', async () => {
  await deploy(aWorkflow('w'));
  await deploy(aWorkflow('v'));
  const [begin] = await readStream('/v1/stream', 1);
  expect(begin?.data).toBeNull();
  const { runId } = (await run('w')).body;
  await run('v');
  await api.succeed(runId);

  const from = { 'Last-Event-ID': begin?.id ?? '' };
  const [requested, succeeded] = (await readStream(`/v1/stream?runId=${runId}`, 3, from)).filter(({ data }) => data !== null);
  expect(requested?.data).toMatchObject({ runId, workflow: 'w', kind: 'requested', seq: 1, task: null });
  expect(succeeded?.data).toMatchObject({ kind: 'succeeded', task: 'load', part: 0, status: 'succeeded', state: 'succeeded' });

  const following = readStream('/v1/stream?workflow=v', 2, { 'Last-Event-ID': succeeded?.id ?? '' });
  await run('v');
  const [, live] = await following;
  expect(live?.data).toMatchObject({ workflow: 'v', kind: 'requested' });
  const bad = await fetch(`${api.url}/v1/stream`, { headers: { Authorization: `Bearer ${apiKey}`, 'Last-Event-ID': 'x' } });
  expect([bad.status, ((await bad.json()) as { code: string }).code]).toEqual([400, 'BAD_REQUEST']);
  expect((await fetch(`${api.url}/v1/stream?runId=x`, { headers: { Authorization: `Bearer ${apiKey}` } })).status).toBe(400);
});

test('a change whose transaction is open longer than others is skipped by nobody', async () => {
  await deploy(aWorkflow('w'));
  const [begin] = await readStream('/v1/stream', 1);
  const slow = await api.database.pool.connect();
  const runId = crypto.randomUUID();
  try {
    await slow.query('BEGIN');
    await api.runs.requestIn(slow, [{ runId, workflow: 'w', version: null, trigger: 'manual', requestedBy: 'test' }]);
    const quick = (await run('w')).body.runId;
    const reading = readStream('/v1/stream', 3, { 'Last-Event-ID': begin?.id ?? '' });
    // Long enough for a reader that goes by what it sees to have passed the open one.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await slow.query('COMMIT');
    expect((await reading).flatMap(({ data }) => data?.['runId'] ?? [])).toEqual([runId, quick]);
  } finally {
    slow.release();
  }
});

test('a transaction that is open in another database of the cluster holds the stream up for nobody', async () => {
  await deploy(aWorkflow('w'));
  const elsewhere = new URL(api.database.url);
  elsewhere.pathname = '/postgres';
  const other = createPool({ url: elsewhere.href, applicationName: 'another database', maxConnections: 1 });
  const load = await other.connect();
  try {
    await load.query('BEGIN; CREATE TEMPORARY TABLE loaded AS SELECT pg_current_xact_id()');
    const [begin] = await readStream('/v1/stream', 1);
    const { runId } = (await run('w')).body;
    const [, live] = await readStream('/v1/stream', 2, { 'Last-Event-ID': begin?.id ?? '' });
    expect(live?.data).toMatchObject({ runId, kind: 'requested' });
  } finally {
    await load.query('ROLLBACK');
    load.release();
    await other.end();
  }
});
