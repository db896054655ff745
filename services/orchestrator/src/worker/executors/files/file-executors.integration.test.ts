import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFileDesk } from '@vigil/batch';
import { topics, type TaskRequested } from '@vigil/contracts';
import type { TaskDefinition } from '@vigil/definitions';
import { createMemoryBroker, createMemoryRegistry, valueSubjectOf } from '@vigil/kafka';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import type { ExecutorDeps } from '../../executor-deps.ts';
import type { TaskExecution } from '../../executor.ts';
import { createFileExecutors } from './create-file-executors.ts';
import { timeOfBackfill } from './time-of-backfill.ts';

const home = mkdtempSync(join(tmpdir(), 'vigil-executor-'));
const drop = join(home, 'drop');
const clock = {
  now: () => Date.UTC(2026, 10, 26),
  after(delayMs: number, run: () => void) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
const sourcesYaml = `sources:
  claims_drop:
    kind: local
    records: claims
    address: {env: DROP}
    format: json
    ready: {rule: rename}
    limits: {skip_limit: {count: 5}}
    quality: {minimum_score: 0.5}
  registry_drop:
    kind: local
    records: patients
    address: {env: PATIENTS}
    format: ndjson
    ready: {rule: rename}
    quality: {minimum_score: 0.9}
  code_lists:
    kind: local
    records: rows
    address: {env: CODES}
    format: csv
    ready: {rule: rename}
  trials:
    kind: stream
    records: readings
    topic: vitals.reading.received.v1
`;

let database: TestDatabase;
let warehouse: TestDatabase;
let deps: ExecutorDeps;
const closing: (() => Promise<void> | void)[] = [];
beforeAll(async () => {
  database = await createTestDatabase('vigil');
  warehouse = await createTestDatabase('vigil_warehouse');
  mkdirSync(drop);
  writeFileSync(join(home, 'sources.yaml'), sourcesYaml);
  const broker = createMemoryBroker({ clock });
  const registry = createMemoryRegistry();
  for (const topic of [
    topics.claimReceived,
    topics.patientsRecordReceived,
    topics.interchangeRejected,
    topics.itemRejected,
    topics.jobCheckpointed,
    topics.lagObserved,
    topics.scoreRecorded,
  ]) {
    broker.createTopic(topic.name, 2);
    await registry.idOf(valueSubjectOf(topic.name), topic.schema);
  }
  const key = { id: 'k1', secret: Buffer.alloc(32, 7) };
  deps = {
    client: broker.connect(),
    openAuditClient: () => broker.connect(),
    registry,
    database: database.pool,
    keys: { token: key, data: key, dataset: key, previousDataset: null },
    clock,
    settings: { workflowsDir: home, stagingDir: join(home, 'staging'), warehouseUrl: warehouse.url } as ExecutorDeps['settings'],
    onTrouble: () => {},
    onForgottenSlot: () => {},
    onClose: (_name, close) => void closing.push(close),
  };
}, 60_000);
afterAll(async () => {
  for (const close of closing.reverse()) await close();
  await database.drop();
  await warehouse.drop();
  rmSync(home, { recursive: true });
});

const told: string[] = [];
const execution = (spec: object): TaskExecution => ({
  request: { runId: randomUUID(), batchId: 'b', task: 'extract', part: 0, epoch: 1, traceparent: null } as TaskRequested,
  spec: spec as TaskDefinition,
  input: {},
  signal: new AbortController().signal,
  progress: () => {},
  log: (sentence) => void told.push(sentence),
});
const batch = { name: 'extract', type: 'batch', source: 'claims_drop', file_pattern: 'claims_*.json' } as const;
const find = (spec: object, environment = { DROP: drop }) =>
  createFileExecutors(deps, environment)({ workflow: 'w', spec: spec as TaskDefinition });

test('files of the source are loaded, counted and named', async () => {
  writeFileSync(join(drop, 'claims_1.json'), '[{"claim_id":"A"},{"claim_id":"B"}]');
  const result = await find(batch)?.run(execution(batch));
  expect(result).toEqual({
    counts: { files: 1, read: 2, written: 2, rejected: 0, skipped: 0, duplicates: 0, quarantined: 0, waiting: 0, held: 0 },
    values: {
      outputs: { 'claims.claim.received.v1': 2 },
      file_ids: [expect.any(String)],
      quarantined_file_ids: [],
      lineage: {
        inputs: [{ kind: 'file', name: expect.stringMatching(/^claims_drop\//) }],
        outputs: [{ kind: 'topic', name: 'claims.claim.received.v1', rows: 2 }],
      },
    },
    ref: null,
  });
  expect(told).toEqual(['1 files loaded, 0 known already, 0 put aside, 0 not whole yet']);
  expect(readdirSync(drop)).toEqual(['archive']);
  const scored = await database.pool.query(
    'SELECT f.score, q.column_name, q.records, q.score AS judged FROM orchestration.quality_score q JOIN orchestration.file f ON q.subject = $1 || f.file_id',
    ['file:'],
  );
  expect(scored.rows).toEqual([{ score: 1, column_name: '', records: 2, judged: 1 }]);
});

test('what an earlier attempt wrote counts, too, for the stage behind', async () => {
  const attempt = execution(batch);
  const again = { ...attempt, request: { ...attempt.request, batchId: attempt.request.runId } };
  writeFileSync(join(drop, 'claims_2.json'), '[{"claim_id":"C"}]');
  await find(batch)?.run(again);
  writeFileSync(join(drop, 'claims_3.json'), '[{"claim_id":"D"},{"claim_id":"E"}]');
  const result = await find(batch)?.run({ ...again, request: { ...again.request, epoch: 2 } });

  expect(result?.counts).toMatchObject({ files: 1, written: 2 });
  expect(result?.values['outputs']).toEqual({ 'claims.claim.received.v1': 3 });
  // Of a run with nothing to load it is said that nothing was written.
  expect((await find(batch)?.run({ ...again, request: { ...again.request, batchId: 'other' } }))?.values['outputs']).toEqual({
    'claims.claim.received.v1': 0,
  });
});

test('a file below the limit of its source waits for a person; the task’s own limit goes before it', async () => {
  const inbox = join(home, 'patients');
  mkdirSync(inbox);
  writeFileSync(join(inbox, 'patients.ndjson'), '{"patient_id":"P1"}\n{"patient_id":""}\n');
  const patients = { ...batch, source: 'registry_drop', file_pattern: '*.ndjson' };
  const files = createFileExecutors(deps, { PATIENTS: inbox });
  const load = (spec: object) => files({ workflow: 'w', spec: spec as TaskDefinition })?.run(execution(spec));
  const held = await load(patients);

  expect(held).toMatchObject({ counts: { files: 0, quarantined: 1, held: 1 }, values: { held_file_ids: [expect.any(String)] } });
  const [id] = (held?.values['held_file_ids'] ?? []) as string[];
  expect(told.at(-1)).toContain(`vigil files show ${id}`);
  const scored = await database.pool.query('SELECT score, held FROM orchestration.quality_score WHERE subject = $1', [`file:${id}`]);
  expect(scored.rows).toEqual([{ score: 0.5, held: true }]);

  writeFileSync(join(inbox, 'patients2.ndjson'), '{"patient_id":"P2"}\n{"patient_id":""}\n');
  const lenient = { ...patients, quality: { minimum_score: 0.5 } };
  expect((await load(lenient))?.counts).toMatchObject({ files: 1, held: 0 });
  await createFileDesk(database.pool).requeue(id ?? '');
  expect((await load(patients))?.counts).toMatchObject({ files: 1, read: 2, rejected: 1, held: 0 });
});

test('rows go into the table that the task names, and lineage says so', async () => {
  const inbox = join(home, 'codes');
  mkdirSync(inbox);
  writeFileSync(join(inbox, 'codes_2027.csv'), 'list,ICD10CM,WORDS\nicd-10-cm,I10,Hypertension\nicd-10-cm,J45,Asthma\n,K35,Appendicitis\n');
  const columns = { system: 'list', code: 'ICD10CM', description: 'WORDS' };
  const load = {
    ...batch,
    source: 'code_lists',
    file_pattern: 'codes*.csv',
    destination: 'warehouse.code_description',
    columns,
    partitions: 1,
  };
  const executor = createFileExecutors(deps, { CODES: inbox })({ workflow: 'w', spec: load as unknown as TaskDefinition });
  const result = await executor?.run(execution(load));

  expect(result).toMatchObject({
    counts: { files: 1, read: 3, written: 2, rejected: 1 },
    values: { outputs: {}, lineage: { outputs: [{ kind: 'table', name: 'vigil_warehouse.warehouse.code_description', rows: 2 }] } },
  });
  const { rows } = await warehouse.pool.query('SELECT code, description, src_file, src_line FROM warehouse.code_description ORDER BY code');
  const [fileId] = (result?.values['file_ids'] ?? []) as string[];
  expect(rows).toEqual([
    { code: 'I10', description: 'Hypertension', src_file: fileId, src_line: 2 },
    { code: 'J45', description: 'Asthma', src_file: fileId, src_line: 3 },
  ]);
});

test('of a run of a backfill it is known which time it is for', async () => {
  const [backfill, planned] = [randomUUID(), randomUUID()];
  await database.pool.query(
    `WITH d AS (INSERT INTO orchestration.definition (workflow, version, sha256, text, plan, deployed_by) VALUES ('w', 1, 'x', '', '{}', 'test'))
     INSERT INTO orchestration.run (run_id, workflow, version, batch_id, status, trigger, scheduled_for, requested_by)
     SELECT id, 'w', 1, 'b', 'running', trigger, '2024-03-16T00:00:00Z', 'test' FROM (VALUES ($1::uuid, 'backfill'), ($2::uuid, 'cron')) AS r (id, trigger)`,
    [backfill, planned],
  );
  expect(await timeOfBackfill(database.pool, backfill)).toBe(Date.UTC(2024, 2, 16));
  expect(await timeOfBackfill(database.pool, planned)).toBeNull();
});

test('other tasks are others’ business', () => {
  expect(find({ name: 'x', type: 'batch', source: 'claims_drop', table: 't' })).toBeUndefined();
  expect(find({ name: 'x', type: 'storage', destination: 'd' })).toBeUndefined();
});

test.each([
  ['there is no such source', { ...batch, source: 'nowhere' }, 'BAD_DEFINITION', 'There is no source nowhere'],
  ['the source holds no files', { ...batch, source: 'trials' }, 'BAD_DEFINITION', 'Source trials holds no files'],
  ['rows have no table to go into', { ...batch, source: 'code_lists' }, 'BAD_DEFINITION', 'its task names a table as destination'],
  [
    'records about people would go into a table',
    { ...batch, destination: 'warehouse.code_description' },
    'BAD_DEFINITION',
    'only rows go into a table',
  ],
  [
    'the task wants a form that the records never have',
    { ...batch, format: 'csv', limits: { skip_limit: { ratio: 0.1 } } },
    'BAD_DEFINITION',
    'claims are not read from csv',
  ],
])('a task fails for good where %s', async (_why, spec, code, detail) => {
  await expect(find(spec)?.run(execution(spec))).rejects.toMatchObject({ code, message: expect.stringContaining(detail) });
});

test('an address that is not set fails the task of this source only', async () => {
  await expect(find(batch, {} as { DROP: string })?.run(execution(batch))).rejects.toMatchObject({ code: 'BAD_SETTINGS' });
});
