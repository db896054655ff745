import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics, type OutcomeRecorded, type TaskRequested } from '@vigil/contracts';
import type { TaskDefinition } from '@vigil/definitions';
import { createMemoryBroker, createMemoryRegistry, createValueDecoder, readWhole, valueSubjectOf, type KafkaClient } from '@vigil/kafka';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import type { ExecutorDeps } from '../../executor-deps.ts';
import type { TaskExecution } from '../../executor.ts';
import { createTableExecutors } from './create-table-executors.ts';

const home = mkdtempSync(join(tmpdir(), 'vigil-tables-'));
const partitions = 2;
const clock = {
  now: () => Date.UTC(2026, 10, 26),
  after(delayMs: number, run: () => void) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
const sourcesYaml = `sources:
  research_database:
    kind: sql
    records: trial_outcomes
    address: {env: DATABASE}
    tables:
      clinical_trials: {key: [trial_id, patient_id], row_hash: true}
      partitioned: {key: [trial_id, patient_id], row_hash: true}
      shared_patient: {key: [trial_id, patient_id], row_hash: true}
    limits: {skip_limit: {ratio: 0.5}}
  research_changes:
    kind: cdc
    records: trial_outcomes
    address: {env: DATABASE}
    publication: vigil_trials
    slot: vigil_trials
    tables:
      clinical_trials: {key: [trial_id, patient_id]}
  patient_registry_api:
    kind: http
    records: patients
    address: {env: REGISTRY}
    credential: {token: {env: TOKEN}}
    items: patients
    key: [patient_id]
    paging: {by: cursor, parameter: cursor, next: next_cursor}
    requests_per_second: 1000
    limits: {skip_limit: {count: 1}}
  claims_drop:
    kind: local
    records: claims
    address: {env: DROP}
    format: json
`;

const definitionOf = (schedule: string): string =>
  `name: w\nschedule: {type: ${schedule}}\ntasks: [{name: extract, type: batch, source: research_changes, table: clinical_trials}]\n`;

let database: TestDatabase;
let deps: ExecutorDeps;
let client: KafkaClient;
let dispatched = 1;
const closing: (() => Promise<void> | void)[] = [];
const told: string[] = [];
const server = createServer(({ url, headers }, response) => {
  const cursor = new URL(url ?? '', 'http://a').searchParams.get('cursor');
  if (headers.authorization !== 'Bearer t') return void response.writeHead(401).end();
  const patients = cursor === null ? [{ patient_id: 'PAT_1', sex: 'F' }, { sex: 'M' }] : [{ patient_id: 'PAT_2' }];
  response.end(JSON.stringify({ patients, next_cursor: cursor === null ? 'p2' : null }));
});

beforeAll(async () => {
  database = await createTestDatabase('vigil');
  writeFileSync(join(home, 'sources.yaml'), sourcesYaml);
  const broker = createMemoryBroker({ clock });
  const registry = createMemoryRegistry();
  const { outcomeRecorded, identityObserved, patientsRecordReceived, itemRejected, jobCheckpointed, lagObserved, scoreRecorded } = topics;
  for (const topic of [
    outcomeRecorded,
    identityObserved,
    patientsRecordReceived,
    itemRejected,
    jobCheckpointed,
    lagObserved,
    scoreRecorded,
  ]) {
    broker.createTopic(topic.name, partitions);
    await registry.schemaOf(await registry.idOf(valueSubjectOf(topic.name), topic.schema));
  }
  client = broker.connect();
  const key = { id: 'k1', secret: Buffer.alloc(32, 7) };
  deps = {
    client,
    openAuditClient: () => broker.connect(),
    registry,
    database: database.pool,
    keys: { token: key, data: key, dataset: key, previousDataset: null },
    clock,
    settings: { workflowsDir: home } as ExecutorDeps['settings'],
    onTrouble: () => {},
    onForgottenSlot: () => {},
    onClose: (_name, close) => void closing.push(close),
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await database.pool
    .query(`CREATE TABLE clinical_trials (trial_id VARCHAR(50), patient_id VARCHAR(50), enrollment_date DATE, treatment_arm VARCHAR(100),
    primary_endpoint_value DECIMAL(10,4), secondary_endpoints JSON, adverse_events JSON, completion_status VARCHAR(20));
    ALTER TABLE clinical_trials REPLICA IDENTITY FULL;
    INSERT INTO orchestration.definition (workflow, version, sha256, text, plan, deployed_by) VALUES
      ('scheduled', 1, 'a', '${definitionOf('cron, expression: "0 * * * *"')}', '{}', 'test'),
      ('continuous', 1, 'b', '${definitionOf('continuous, interval: 50ms')}', '{}', 'test');
    INSERT INTO clinical_trials VALUES ('T1', 'PAT_1', '2024-01-02', 'Arm A', 1.5, '{"a": 1}', '[]', 'ongoing'), ('T1', 'PAT_2', '2024-01-03', 'Placebo', 12.25, NULL, NULL, 'completed')`);
}, 60_000);
afterAll(async () => {
  for (const close of closing.reverse()) await close();
  server.closeAllConnections();
  server.close();
  await database.pool.query(
    'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database() AND NOT active',
  );
  await database.drop();
  rmSync(home, { recursive: true });
});

const environment = (): Record<string, string> => ({
  DATABASE: database.url,
  REGISTRY: `http://127.0.0.1:${(server.address() as AddressInfo).port}/patients`,
  TOKEN: 't',
});
const find = (spec: object, given = environment()) => createTableExecutors(deps, given)({ workflow: 'w', spec: spec as TaskDefinition });
const execution = (spec: object, runId: string): TaskExecution => ({
  request: {
    workflow: 'scheduled',
    version: 1,
    runId,
    batchId: `batch-${runId}`,
    task: 'extract',
    part: 0,
    epoch: 1,
    requestedAt: dispatched++,
    traceparent: null,
  } as TaskRequested,
  spec: spec as TaskDefinition,
  input: {},
  signal: new AbortController().signal,
  progress: () => {},
  log: (sentence) => void told.push(sentence),
});
const run = (spec: object, runId: string = randomUUID()) => find(spec)?.run(execution(spec, runId));
const batch = (source: string, table: string, over: object = {}): object => ({ name: 'extract', type: 'batch', source, table, ...over });

async function valuesOf(topic: string): Promise<readonly Buffer[]> {
  const values: Buffer[] = [];
  const places = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  await readWhole({ client, places, pollMs: 0, onRecord: (_, { value }) => void values.push(value ?? Buffer.alloc(0)) });
  return values;
}
async function outcomes(): Promise<string[]> {
  const decode = createValueDecoder(topics.outcomeRecorded.schema, deps.registry);
  const values = (await valuesOf(topics.outcomeRecorded.name)).map((value) => decode(value) as OutcomeRecorded);
  return values.map(({ source, change, completionStatus }) => `${source} ${change} ${completionStatus}`);
}

test('a table without a key of its own: each run publishes what is new or changed, and nobody reads who it was', async () => {
  const task = batch('research_database', 'clinical_trials');
  const runId = randomUUID();
  expect(await run(task, runId)).toEqual({
    counts: { read: 2, written: 4, rejected: 0, skipped: 0 },
    values: { outputs: { 'trials.outcome.recorded.v1': 2, 'patients.identity.observed.v1': 2 } },
    ref: null,
  });
  const judged = await deps.database.query(
    'SELECT records, validity FROM orchestration.quality_score WHERE run_id = $1 AND column_name = $2',
    [runId, ''],
  );
  expect(judged.rows).toEqual([{ records: 2, validity: 1 }]);
  expect(await run(task, runId)).toMatchObject({ counts: { read: 2 } });
  await database.pool.query(`UPDATE clinical_trials SET completion_status = 'withdrawn' WHERE patient_id = 'PAT_1'`);
  expect(await run(task)).toMatchObject({ counts: { read: 1, rejected: 0 } });
  expect(await run(task)).toMatchObject({ counts: { read: 0, written: 0 } });
  expect((await outcomes()).sort()).toEqual([
    'research_database snapshot completed',
    'research_database snapshot ongoing',
    'research_database update withdrawn',
  ]);
  const everything = [topics.jobCheckpointed.name, topics.outcomeRecorded.name].map(valuesOf);
  expect((await Promise.all(everything)).flat().join('')).not.toMatch(/PAT_\d/);
  expect(JSON.stringify((await database.pool.query('SELECT * FROM orchestration.table_row')).rows)).not.toMatch(/PAT_\d/);
});

test('in partitions each is a job of its own, and one that has failed goes on where it stood', async () => {
  await database.pool.query(`CREATE TABLE partitioned (LIKE clinical_trials);
    INSERT INTO partitioned (trial_id, patient_id) SELECT 'T1', 'Q' || n FROM generate_series(1, 400) AS n`);
  const task = batch('research_database', 'partitioned', { partitions: 4 });
  const before = (await outcomes()).length;
  // What only one of the parts refuses: a row whose key stands twice.
  await database.pool.query(`INSERT INTO partitioned (trial_id, patient_id) VALUES ('T1', 'Q7')`);
  const runId = randomUUID();
  await expect(run(task, runId)).rejects.toMatchObject({ code: 'TABLE_UNFIT' });
  await database.pool.query(`DELETE FROM partitioned WHERE ctid IN (SELECT max(ctid) FROM partitioned WHERE patient_id = 'Q7')`);
  expect(await run(task, runId)).toMatchObject({
    counts: { read: 400, rejected: 0 },
    values: { outputs: { 'trials.outcome.recorded.v1': 400 } },
  });
  expect((await outcomes()).length - before).toBe(400);
  const { rows } = await database.pool.query(
    'SELECT job, part, records FROM orchestration.batch_output WHERE job LIKE $1 AND topic = $2 ORDER BY part',
    ['table:research_database.partitioned%', topics.outcomeRecorded.name],
  );
  expect(rows.map(({ job, part }) => `${job} ${part}`)).toEqual(
    [0, 1, 2, 3].map((part) => `table:research_database.partitioned#4 ${part}`),
  );
  for (const { records } of rows) expect(records).toBeGreaterThan(60);
  // Cut otherwise it is compared anew, and nothing differs.
  expect(await run(batch('research_database', 'partitioned'))).toMatchObject({ counts: { read: 0 } });
  expect(await run(task)).toMatchObject({ counts: { read: 0 } });
});

test('each part tells whom its rows are about, whatever another part has told', async () => {
  await database.pool.query(`CREATE TABLE shared_patient (LIKE clinical_trials);
    INSERT INTO shared_patient (trial_id, patient_id) SELECT 'T' || n, 'ONE' FROM generate_series(1, 40) AS n`);
  expect(await run(batch('research_database', 'shared_patient', { partitions: 2 }))).toMatchObject({
    values: { outputs: { 'trials.outcome.recorded.v1': 40, 'patients.identity.observed.v1': 2 } },
  });
});

test('an attempt that was dispatched before the last one is fenced', async () => {
  const task = batch('research_database', 'clinical_trials');
  const early = { ...execution(task, randomUUID()) };
  await run(task);
  await expect(find(task)?.run(early)).rejects.toMatchObject({ code: 'FENCED' });
});

test('a followed table: its rows, then its changes, deletions among them; a lost slot needs a word', async () => {
  const task = batch('research_changes', 'clinical_trials');
  await run(task);
  await database.pool.query(`DELETE FROM clinical_trials WHERE patient_id = 'PAT_2'`);
  await run(task);
  expect((await outcomes()).filter((text) => text === 'research_changes delete ')).toHaveLength(1);
  const slots = `FROM pg_replication_slots WHERE slot_name = 'vigil_trials'`;
  while ((await database.pool.query(`SELECT ${slots} AND active`)).rowCount) await new Promise(setImmediate);
  await database.pool.query(`SELECT pg_drop_replication_slot(slot_name) ${slots}`);
  await database.pool.query(`INSERT INTO clinical_trials (trial_id, patient_id) VALUES ('T2', 'PAT_3'), ('T2', 'PAT_4')`);
  await expect(run(task)).rejects.toMatchObject({ code: 'SLOT_LOST' });
  await database.pool.query(`DELETE FROM clinical_trials WHERE patient_id IN ('PAT_1', 'PAT_4')`);
  // One is new; one is gone, of whom nothing but what was sealed tells who it was.
  expect(await run(batch('research_changes', 'clinical_trials', { snapshot: 'again' }))).toMatchObject({
    counts: { read: 2, rejected: 0 },
  });
  expect((await outcomes()).filter((text) => text === 'research_changes delete ')).toHaveLength(2);
  const kept = await database.pool.query('SELECT sealed_key FROM orchestration.table_row WHERE source = $1', [
    'research_changes.clinical_trials',
  ]);
  expect(kept.rows).toEqual([{ sealed_key: expect.stringMatching(/^[\w-]{60,}$/) }]);
});

test('in a continuous workflow a table is followed until the run is cancelled, and tells how it is', async () => {
  const task = batch('research_changes', 'clinical_trials');
  const stop = new AbortController();
  const told: unknown[] = [];
  const asked = execution(task, randomUUID());
  const following = find(task)?.run({
    ...asked,
    request: { ...asked.request, workflow: 'continuous' },
    signal: stop.signal,
    progress: (counts, health) => void told.push({ ...counts, health }),
  });
  const ended = following?.catch((error: unknown) => error);
  const insert = (patient: string): Promise<unknown> =>
    database.pool.query(`INSERT INTO clinical_trials (trial_id, patient_id, completion_status) VALUES ('T9', $1, 'lost')`, [patient]);
  const lost = async (): Promise<number> => (await outcomes()).filter((text) => text === 'research_changes insert lost').length;
  for (const [at, patient] of ['PAT_91', 'PAT_92'].entries()) {
    await insert(patient);
    while ((await lost()) <= at) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  while ((told.at(-1) as { read: number }).read !== 2) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told.at(-1)).toMatchObject({ read: 2, rejected: 0, health: 'ok' });
  expect(told[0]).toMatchObject({ read: 0 });
  stop.abort();
  expect(await ended).toMatchObject({ code: 'JOB_STOPPED' });
  // The next attempt goes on behind what was safe.
  await insert('PAT_93');
  expect(await run(task)).toMatchObject({ counts: { read: 1 } });
}, 30_000);

test('an API: its items leave as they are, those without an id are rejected, and what did not change stays', async () => {
  const task = batch('patient_registry_api', 'patients');
  expect(await run(task)).toMatchObject({ counts: { read: 3, written: 2, rejected: 1 } });
  expect(await run(task)).toMatchObject({ counts: { read: 1, written: 0, rejected: 1 } });
  const patients = await valuesOf(topics.patientsRecordReceived.name);
  expect(patients.map(String).sort()).toEqual(['{"patient_id":"PAT_1","sex":"F"}', '{"patient_id":"PAT_2"}']);
});

test.each([
  ['there is no such source', batch('nowhere', 't'), 'BAD_DEFINITION', 'There is no source nowhere'],
  ['the source holds files', batch('claims_drop', 't'), 'BAD_DEFINITION', 'Source claims_drop holds no tables'],
  ['a log is asked for in parts', batch('research_changes', 'clinical_trials', { partitions: 2 }), 'BAD_DEFINITION', 'read in one order'],
  ['the source declares no such table', batch('research_database', 'patients'), 'BAD_DEFINITION', 'declares no table patients'],
])('a task fails for good where %s', async (_why, spec, code, detail) => {
  await expect(run(spec)).rejects.toMatchObject({ code, message: expect.stringContaining(detail) });
});

test('other tasks are others’ business', () => {
  expect(find({ name: 'x', type: 'batch', source: 'claims_drop', file_pattern: '*' })).toBeUndefined();
  expect(find({ name: 'x', type: 'storage', destination: 'd' })).toBeUndefined();
});

test('an address that is not set, or is none, fails the task of this source only', async () => {
  const spec = batch('research_database', 'clinical_trials');
  await expect(find(spec, {})?.run(execution(spec, 'r'))).rejects.toMatchObject({ code: 'BAD_SETTINGS' });
  await expect(find(spec, { DATABASE: 'none' })?.run(execution(spec, 'r'))).rejects.toMatchObject({ code: 'BAD_SETTINGS' });
});
