import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileWriter, createWireEncoder, topics, type ScoreRecorded } from '@vigil/contracts';
import { createMemoryBroker, createMemoryRegistry, systemEngineClock, type KafkaClient } from '@vigil/kafka';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { apiKey } from '../../../fixtures/api-harness.ts';
import { runTopics, startRunHarness, until, type RunHarness } from '../../../fixtures/run-harness.ts';
import { startApi, type StartedApi, type StartApiOptions } from '../api/start-api.ts';
import { createScheduleHooks, startSchedules, type StartedSchedules } from './start-schedules.ts';

const { name: topic, schema } = topics.scoreRecorded;
const registry = createMemoryRegistry();
const broker = createMemoryBroker({ clock: systemEngineClock });
for (const name of new Set([...runTopics, topic])) broker.createTopic(name, 2);

const told: { event: string; facts: object }[] = [];
const events = new Proxy(
  {},
  { get: (_target, event: string) => (facts: object) => void told.push({ event, facts }) },
) as StartApiOptions['events'];
const log = { failure: (message: string) => void told.push({ event: message, facts: {} }) };

let database: TestDatabase;
let folder: string;
let harness: RunHarness;
let schedules: StartedSchedules;
let api: StartedApi;
let client: KafkaClient;
const fatal: unknown[] = [];

beforeAll(async () => {
  database = await createTestDatabase('vigil');
  folder = mkdtempSync(join(tmpdir(), 'vigil-orchestrator-'));
  writeFileSync(join(folder, 'key'), apiKey);
  client = broker.connect();
  const hooks = createScheduleHooks(() => harness.runs);
  harness = await startRunHarness({ databaseUrl: database.url, connect: () => broker.connect(), registry, extend: () => hooks });
  const { runs, definitions } = harness;
  const parts = { databaseUrl: database.url, runs, definitions, events };
  schedules = startSchedules({
    ...parts,
    hooks,
    client,
    registry,
    sourcesFile: join(folder, 'sources.yaml'),
    filesEveryMs: 50,
    fail: (error) => void fatal.push(error),
  });
  const settings = { databaseUrl: database.url, apiHost: '127.0.0.1', apiPort: 0, apiKeyFile: join(folder, 'key') };
  api = await startApi({ ...parts, settings, nudge: hooks.nudge, log });
});
afterAll(async () => {
  await api.close();
  await schedules.close();
  await harness.stop();
  await client.close();
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
  expect(fatal).toEqual([]);
});

async function call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${api.port}${path}`, {
    method,
    headers: { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Answer;
}
const deploy = (name: string, schedule: string) =>
  call('POST', '/v1/workflows', {
    text: `name: ${name}\nschedule: ${schedule}\ntasks: [{name: one, type: business_logic, function: nothing}]\n`,
  });
interface Listed {
  readonly items: readonly { readonly runId: string; readonly status: string; readonly trigger: string }[];
}
const succeededRuns = async (workflow: string) => (await call<Listed>('GET', `/v1/runs?workflow=${workflow}&status=succeeded`)).items;

test('a schedule that is due runs to its end, and its end starts what waits for it: nobody but the clock asked', async () => {
  await deploy('behind', '{type: upstream, workflow: ahead}');
  await deploy('ahead', '{type: interval, every: 1s, catch_up: latest}');

  const [ahead] = await until(async () => (await succeededRuns('ahead')).length > 0 && succeededRuns('ahead'));
  expect(ahead).toMatchObject({ trigger: 'interval' });
  const [behind] = await until(async () => (await succeededRuns('behind')).length > 0 && succeededRuns('behind'));
  expect(behind).toMatchObject({ trigger: 'upstream' });
  await call('POST', '/v1/workflows/ahead/disable', {});
  expect(told.find(({ event, facts }) => event === 'schedulesTaken' && (facts as { started: number }).started > 0)).toBeDefined();
});

test('a record starts a run that is handed out at once', async () => {
  await deploy('listener', `{type: event, topic: ${topic}, filter: {held: true}}`);
  await until(async () => (await harness.query('SELECT FROM orchestration.trigger_position')).length > 0);
  const id = await registry.idOf(`${topic}-value`, schema);
  const good = { completeness: 1, validity: 1, uniqueness: 1, consistency: 1, timeliness: 1, score: 1, drift: 0 };
  const score: ScoreRecorded = {
    subject: 'file:1',
    column: '',
    source: 'ehr',
    period: '',
    records: 1,
    ...good,
    held: true,
    runId: '',
    recordedAt: 0,
  };
  const value = Buffer.from(createWireEncoder()(id, compileWriter<ScoreRecorded>(schema), score));
  const producer = await client.openIdempotentProducer();
  await producer.send([{ topic, partition: 1, key: null, value, headers: [], timestamp: null }]);
  await producer.close();
  expect(await until(async () => (await succeededRuns('listener')).length > 0 && succeededRuns('listener'))).toMatchObject([
    { trigger: 'event' },
  ]);
});

test('a source that cannot be looked at is told; a failure of the API is logged and counted', async () => {
  await deploy('reader', '{type: file, source: nowhere, pattern: "*.csv"}');
  await until(() => told.some(({ event, facts }) => event === 'sourceNotPolled' && (facts as { source: string }).source === 'nowhere'));
  await harness.query('ALTER TABLE orchestration.pool RENAME TO pool_gone');
  try {
    expect(await call('GET', '/v1/pools')).toMatchObject({ status: 500 });
  } finally {
    await harness.query('ALTER TABLE orchestration.pool_gone RENAME TO pool');
  }
  expect(told.map(({ event }) => event)).toContain('the API could not answer a request');
  expect(told).toContainEqual({ event: 'apiAnswered', facts: { operation: 'listPools', class: '5xx' } });
});

test('without a port no API is served; a key that is no secret is refused', async () => {
  const options = { runs: harness.runs, definitions: harness.definitions, events, log, nudge: () => undefined };
  const none = await startApi({ ...options, settings: { databaseUrl: database.url, apiHost: '127.0.0.1' } });
  expect(none.port).toBeNull();
  await none.close();
  writeFileSync(join(folder, 'short'), 'short\n');
  const settings = { databaseUrl: database.url, apiHost: '127.0.0.1', apiPort: 0 };
  for (const name of ['short', 'missing']) {
    await expect(startApi({ ...options, settings: { ...settings, apiKeyFile: join(folder, name) } })).rejects.toMatchObject({
      code: 'BAD_SETTINGS',
    });
  }
  const taken = { ...settings, apiPort: api.port ?? 0, apiKeyFile: join(folder, 'key') };
  await expect(startApi({ ...options, settings: taken })).rejects.toMatchObject({ code: 'PORT_TAKEN' });
});
