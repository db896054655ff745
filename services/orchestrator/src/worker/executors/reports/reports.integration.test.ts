import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { recordScores, scoreOf } from '@vigil/batch';
import { topics, type AccessRecorded, type BatchProgressed, type DeidReadingAccepted, type Topic } from '@vigil/contracts';
import type { TaskDefinition } from '@vigil/definitions';
import { createMemoryBroker, createMemoryRegistry, createValueEncoder, systemEngineClock } from '@vigil/kafka';
import { createPool } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import type { TaskResult } from '@vigil/workflows';
import { parquetReadObjects } from 'hyparquet';
import type { ExecutorDeps } from '../../executor-deps.ts';
import type { FindExecutor, TaskExecution } from '../../executor.ts';
import { createReportExecutors } from './create-report-executors.ts';
import { createReportStore } from './report-store.ts';

const runId = '0191d0c1-0000-7000-8000-0000000000aa';
const nowMs = Date.UTC(2024, 2, 15, 14, 30);
const dayMs = 86_400_000;
const broker = createMemoryBroker({ clock: systemEngineClock });
const registry = createMemoryRegistry();
const closers: (() => unknown)[] = [];
const auditClients: string[] = [];

let operational: TestDatabase;
let warehouse: TestDatabase;
let directory: string;
let find: FindExecutor;
let database: ExecutorDeps['database'];

beforeAll(async () => {
  operational = await createTestDatabase('vigil');
  warehouse = await createTestDatabase('vigil_warehouse');
  directory = await mkdtemp(join(tmpdir(), 'vigil-reports-'));
  for (const topic of Object.values(topics)) broker.createTopic(topic.name, 1);
  // With the rights that a worker has, so that a missing grant is found here.
  database = createPool({ url: operational.url, applicationName: 'test', role: 'vigil_worker' });
  const deps = {
    client: broker.connect(),
    openAuditClient() {
      const client = broker.connect();
      auditClients.push('opened');
      return { ...client, close: async () => void auditClients.push('closed') };
    },
    registry,
    database,
    clock: { now: () => nowMs },
    settings: { warehouseUrl: warehouse.url, reportsDir: directory },
    onClose: (_name: string, close: () => unknown) => closers.push(close),
  } as unknown as ExecutorDeps;
  find = createReportExecutors(deps);
}, 60_000);
afterAll(async () => {
  for (const close of closers) await close();
  await database?.end();
  await operational?.drop();
  await warehouse?.drop();
  await rm(directory, { recursive: true, force: true });
});

const run = (spec: Readonly<Record<string, unknown>>, request: Partial<TaskExecution['request']> = {}): Promise<TaskResult> => {
  const full = { name: 'a_task', depends_on: [], parameters: {}, ...spec } as unknown as TaskDefinition;
  const executor = find({ workflow: 'w', spec: full });
  if (!executor) throw new Error('no executor');
  return executor.run({
    request: { runId, workflow: 'w', version: 3, task: full.name, part: 0, epoch: 1, ...request } as TaskExecution['request'],
    spec: full,
    input: {},
    signal: new AbortController().signal,
    progress: () => undefined,
    log: () => undefined,
  });
};
const reportOf = async (task: string) => (await createReportStore(database).ofRun(runId)).find((made) => made.task === task)?.report;

async function publish<Value>(topic: Topic<Value>, values: readonly Value[], timestamp = nowMs): Promise<void> {
  const producer = await broker.connect().openIdempotentProducer();
  const encode = createValueEncoder(topic.schema, await registry.idOf(`${topic.name}-value`, topic.schema));
  await producer.send(
    values.map((value) => ({
      topic: topic.name,
      partition: 0,
      key: Buffer.from('k'),
      value: encode(value as object),
      headers: [],
      timestamp,
    })),
  );
}

const from = "'t', 0, 0, 1";

/** 12 women with I10 on the drug, 11 men with E119 on placebo, one man with I10: his cell is his alone. */
async function fillWarehouse(): Promise<void> {
  const people = [
    ...Array.from({ length: 12 }, () => ['female', 'I10', 'active'] as const),
    ...Array.from({ length: 11 }, () => ['male', 'E119', 'placebo'] as const),
    ['male', 'I10', 'active'] as const,
  ];
  await warehouse.pool.query("INSERT INTO warehouse.dim_diagnosis (code) VALUES ('I10'), ('E119')");
  await warehouse.pool.query("INSERT INTO warehouse.dim_trial (code) VALUES ('t')");
  for (const [index, [sex, code, arm]] of people.entries()) {
    const id = `00000000-0000-8000-8000-${String(index).padStart(12, '0')}`;
    await warehouse.pool.query(
      `WITH p AS (INSERT INTO warehouse.dim_patient (pseudonym, sex, age_group, zip3, valid_from_load) VALUES ($1, $2, '60-64', '943', 1) RETURNING patient_key),
       v AS (INSERT INTO warehouse.fact_visit (visit_key, patient_key, diagnosis_key, elapsed_ms, src_topic, src_partition, src_offset, load_id)
         SELECT $3::uuid, patient_key, d.diagnosis_key, at, ${from} FROM p, warehouse.dim_diagnosis d, (VALUES (0), (${40 * dayMs}::bigint)) AS visits (at) WHERE d.code = $4)
       INSERT INTO warehouse.fact_trial_outcome (outcome_key, patient_key, trial_key, arm, primary_endpoint_ten_thousandths, serious_events, elapsed_enrolled_ms, src_topic, src_partition, src_offset, load_id)
         SELECT $3::uuid, patient_key, 1, $5, 20000 + 10000 * $6::int, 1, ${10 * dayMs}, ${from} FROM p`,
      [`d1.${index}`, sex, id, code, arm, index % 2],
    );
    await warehouse.pool.query('UPDATE warehouse.fact_visit SET visit_key = gen_random_uuid() WHERE elapsed_ms > 0 AND visit_key = $1', [
      id,
    ]);
  }
}

test('cohorts count patients by what they have in common, without cells of fewer than eleven', async () => {
  await fillWarehouse();
  const groupBy = ['diagnosis_chapter', 'treatment_arm', 'age_group', 'sex'];
  const result = await run({
    name: 'build_cohorts',
    type: 'transformation',
    function: 'sql_cohorts',
    parameters: { group_by: groupBy, minimum_follow_up_days: 30 },
  });

  expect(result).toMatchObject({ counts: { rows: 2 } });
  const report = await reportOf('build_cohorts');
  expect(report?.columns).toEqual([...groupBy, 'patients', 'outcomes', 'mean_primary_endpoint', 'serious_events']);
  // Endpoints alternate between 2 and 3: of twelve their mean is 2.5, of the eleven that begin with 2 it is 27 / 11.
  expect(report?.rows).toEqual([
    ['E00-E89', 'placebo', '60-64', 'male', 11, 11, 2.4545, 11],
    ['I00-I99', 'active', '60-64', 'female', 12, 12, 2.5, 12],
  ]);
  expect(report?.notes).toContain('1 cells of fewer than 11 patients were left out.');
});

test('outcomes of patients who were followed for less are left out, their patients are not', async () => {
  await run({ name: 'short', type: 'transformation', function: 'sql_cohorts', parameters: { group_by: ['sex'], minimum_follow_up_days: '31' } });

  expect((await reportOf('short'))?.rows).toEqual([['female', 12, 0, null, 0], ['male', 12, 0, null, 0]]);
  await expect(run({ type: 'transformation', function: 'sql_cohorts', parameters: { group_by: ['name'], k: 3 } })).rejects.toMatchObject({ code: 'BAD_DEFINITION' });
}); // prettier-ignore

test('a number about few patients of a large cell, or about all but few, is not told', async () => {
  const cohorts = async (epoch: number) => {
    await run({ name: 'few', type: 'transformation', function: 'sql_cohorts', parameters: { group_by: ['sex'] } }, { epoch });
    return (await reportOf('few'))?.rows[0];
  };
  const women = "patient_key IN (SELECT patient_key FROM warehouse.dim_patient WHERE sex = 'female')";
  expect(await cohorts(1)).toEqual(['female', 12, 12, 2.5, 12]);
  // One of twelve had a serious event.
  await warehouse.pool.query(`UPDATE warehouse.fact_trial_outcome SET serious_events = 0 WHERE ${women} AND patient_key <> (SELECT min(patient_key) FROM warehouse.fact_trial_outcome WHERE ${women})`);
  expect(await cohorts(2)).toEqual(['female', 12, 12, 2.5, null]);
  // One of twelve took part: the mean would be hers.
  await warehouse.pool.query(`UPDATE warehouse.fact_trial_outcome SET change = 'delete' WHERE ${women} AND serious_events = 0`);
  expect(await cohorts(3)).toEqual(['female', 12, null, null, null]);
  // All but one.
  await warehouse.pool.query(`UPDATE warehouse.fact_trial_outcome SET change = CASE WHEN serious_events = 0 THEN 'update' ELSE 'delete' END WHERE ${women}`);
  expect(await cohorts(4)).toEqual(['female', 12, null, null, null]);
  await warehouse.pool.query(`UPDATE warehouse.fact_trial_outcome SET change = 'update', serious_events = 1 WHERE ${women}`);
}); // prettier-ignore

test('anonymity is the smallest cell of each table that analysts read; a small number is not told', async () => {
  const result = await run({
    name: 'k',
    type: 'transformation',
    function: 'report_k_anonymity',
    parameters: { k: 11, quasi_identifiers: ['sex', 'age_group', 'zip3'] },
  });
  await warehouse.pool.query(
    "INSERT INTO warehouse.dim_patient (pseudonym, sex, age_group, zip3, valid_from_load) VALUES ('d1.x', 'other', '90+', '000', 1)",
  );

  expect(result.counts).toEqual({ rows: 7, findings: 0 });
  const rows = new Map((await reportOf('k'))?.rows.map((row) => [row[0], row.slice(1)]));
  expect(rows.get('dim_patient')).toEqual([24, 2, 12, 0, 0]);
  expect(rows.get('fact_visit')).toEqual([24, 2, 12, 0, 0]);
  expect(rows.get('fact_claim')).toEqual([0, 0, null, 0, 0]);

  await run({ name: 'k', type: 'transformation', function: 'report_k_anonymity' }, { epoch: 2 });
  const again = new Map((await reportOf('k'))?.rows.map((row) => [row[0], row.slice(1)]));
  expect(again.get('dim_patient')).toEqual([25, 3, '<11', 1, '<11']);
});

const anAccess = (changed: Partial<AccessRecorded>): AccessRecorded => ({
  eventId: 'e', recordedAt: nowMs, type: 'quarantine', subtype: 'reveal', action: 'R', outcome: 'success', agent: 'ann', login: 'ann', source: 'vigil-cli', entityType: 'topic', entity: 't', places: [], records: 1, requestId: null, purposeOfEvent: 'OPERAT', reason: 'CANARY', traceId: null, ...changed,
}); // prettier-ignore

test('access is told by person and kind, what lacks a reason is a finding, and no reason is repeated', async () => {
  await publish(topics.accessRecorded, [
    anAccess({}),
    anAccess({ records: 4, entity: 'u' }),
    anAccess({ agent: 'bob', reason: ' ', subtype: 'requeue' }),
  ]);
  await publish(topics.accessRecorded, [anAccess({ agent: 'old' })], nowMs - 40 * dayMs);
  const result = await run({ name: 'access', type: 'transformation', function: 'report_access', parameters: { period_days: 31 } });

  expect(result.counts).toEqual({ rows: 2, findings: 1 });
  expect((await reportOf('access'))?.rows).toEqual([
    ['ann', 'quarantine', 'reveal', 2, 5, 2, 0, 0],
    ['bob', 'quarantine', 'requeue', 1, 1, 1, 0, 1],
  ]);
  expect(JSON.stringify(await reportOf('access'))).not.toContain('CANARY');
  // Not the worker's own connection, and none that stays.
  expect(auditClients).toEqual(['opened', 'closed']);
});

const aLedgerRow = (changed: Partial<BatchProgressed>): BatchProgressed => ({
  stage: 'device-ingest', subStage: '', topic: topics.vitalsReadingReceived.name, partition: 0, firstOffset: 0, lastOffset: 9, batchId: null, consumed: 10, processed: 10, late: 0, lateCorrected: 0, duplicate: 0, rejected: 0, suppressed: 0, outputs: {}, tablePositions: {}, committedAt: nowMs, ...changed,
}); // prettier-ignore

const perfect = { completeness: 1, validity: 1, uniqueness: 1, consistency: 1, timeliness: 1 };

test('quality is told by source with what was held; full hours of streams are scored first, each once', async () => {
  const deps = { pool: database, publish: () => Promise.resolve(), nowMs };
  const score = (subject: string, validity: number) =>
    recordScores(deps, { subject, source: 'ehr_sftp', period: '', runId }, [
      scoreOf('', 100, { ...perfect, validity }),
      scoreOf('patient_id', 100, perfect),
    ]);
  for (let file = 1; file <= 5; file++) await score(`file:${file}`, 1);
  const [whole] = await score('file:6', 0.9);
  // 20 steps of half a percent below a history without spread.
  expect(whole!.drift).toBeCloseTo(-20, 4);
  await publish(topics.batchProgressed, [aLedgerRow({ committedAt: nowMs - 3_600_000, processed: 8, rejected: 2 }), aLedgerRow({})]);

  const judged = await run({ name: 'check', type: 'validation', quality: { minimum_score: 0.95, columns: { patient_id: 1 } } });
  expect(judged.counts).toEqual({ judged: 6, held: 1 });
  expect(judged.values['hold']).toBe('Quality is below its limit. file:6: score 0.9 below 0.95.');
  expect((await run({ type: 'validation', quality: { minimum_score: 0.9 } })).values).not.toHaveProperty('hold');

  for (let repeat = 0; repeat < 2; repeat++) {
    await operational.pool.query('UPDATE orchestration.quality_score SET recorded_at = $1', [new Date(nowMs)]);
    await run({ name: 'quality', type: 'transformation', function: 'report_data_quality' }, { epoch: repeat });
  }
  await operational.pool.query('UPDATE orchestration.quality_score SET recorded_at = $1', [new Date(nowMs)]);
  await run({ name: 'quality', type: 'transformation', function: 'report_data_quality' }, { epoch: 9 });
  const report = await reportOf('quality');
  expect(report?.rows.map((row) => row.slice(0, 7))).toEqual([
    ['file', 'ehr_sftp', '', 6, 600, 1, 0.9],
    ['file', 'ehr_sftp', 'patient_id', 6, 600, 1, 1],
    ['stream', topics.vitalsReadingReceived.name, '', 1, 10, 0.8, 0.8],
  ]);
  expect(report?.rows[0]?.at(-1)).toBe(1);
  expect(report?.findings).toBe(1);
  expect(broker.log({ topic: topics.scoreRecorded.name, partition: 0 }).highWatermark).toBeGreaterThan(0);
});

const aDeidReading = (changed: Partial<DeidReadingAccepted>): DeidReadingAccepted => ({
  eventId: 'e', pseudonym: 'd1.p', deviceClass: '', deviceModel: '', elapsedMs: 0, approxYear: 2024, historic: false, heartRate: 70, respiratoryRate: null, oxygenSaturation: null, temperatureC: null, systolic: null, diastolic: null, supplementalOxygen: null, consciousness: null, excluded: [], flags: [], ...changed,
}); // prettier-ignore

test('each hour of a stream that ended is scored once, of vitals by column, too; what is scored again is the same', async () => {
  const hour = nowMs - 2 * 3_600_000;
  const topic = topics.claimReceived.name;
  await operational.pool.query('DELETE FROM orchestration.quality_score');
  await publish(topics.batchProgressed, [
    aLedgerRow({ committedAt: hour, processed: 9, duplicate: 1 }),
    aLedgerRow({ committedAt: hour, stage: 'claims-validator-intake', topic, processed: 6, rejected: 4 }),
  ], hour); // prettier-ignore
  const lead = aDeidReading({ heartRate: null, excluded: [{ field: 'heart_rate', code: 'LEAD_OFF' }] });
  await publish(topics.deidReadingAccepted, [lead], hour - 3_600_000);
  await publish(topics.deidReadingAccepted, [aDeidReading({}), aDeidReading({}), aDeidReading({}), lead], hour);
  await publish(topics.deidReadingAccepted, [lead, lead], hour + 3_600_000);
  const score = (epoch: number) => run({ name: 'streams', type: 'transformation', function: 'score_streams', parameters: { hours: 6 } }, { epoch });
  const scored = async () => (await operational.pool.query('SELECT subject, column_name, period, records::int, score FROM orchestration.quality_score ORDER BY period, subject, column_name')).rows;

  await score(1);
  const rows = await scored();
  expect(rows.filter(({ period }) => period === '2024-03-15T12:00:00Z').map((row) => [row.subject, row.column_name, row.records, Number(row.score.toFixed(4))])).toEqual([
    [`stream:${topic}`, '', 10, 0.6],
    [`stream:${topics.vitalsReadingReceived.name}`, '', 10, 0.9],
    [`stream:${topics.vitalsReadingReceived.name}`, 'heart_rate', 4, 0.75],
  ]);
  expect(rows.every(({ period }) => period < '2024-03-15T14:00:00Z')).toBe(true);
  await score(2);
  expect(await scored()).toEqual(rows);
}); // prettier-ignore

test('what is over its retention is told by topic and table', async () => {
  await operational.pool.query("INSERT INTO orchestration.inbox (message_id, seen_at) VALUES ('old', $1), ('new', $2)", [
    new Date(nowMs - 31 * dayMs),
    new Date(nowMs),
  ]);
  const result = await run({ name: 'retention', type: 'transformation', function: 'report_retention' });

  const rows = new Map((await reportOf('retention'))?.rows.map((row) => [row[1], row]));
  expect(rows.get('orchestration.inbox')).toEqual(['table', 'orchestration.inbox', 30, 1]);
  expect(rows.get(topics.accessRecorded.name)).toEqual(['topic', topics.accessRecorded.name, 2192, 0]);
  expect(result.counts['findings']).toBe(1);
});

const output = { name: 'publish', type: 'output', destination: 'research_extract' };

test('publishing writes every report of the run whole, with its hash, and once', async () => {
  const result = await run({ ...output, parameters: { format: 'pdf_and_json', k: '12' } });
  const folder = join(directory, String(result.values['folder']));
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as {
    version: number;
    files: { name: string; sha256: string; rows: number }[];
  };

  expect(manifest.version).toBe(3);
  for (const { name, sha256 } of manifest.files)
    expect(
      createHash('sha256')
        .update(await readFile(join(folder, name)))
        .digest('hex'),
    ).toBe(sha256);
  expect((await readdir(folder)).sort()).toEqual([...manifest.files.map(({ name }) => name), 'manifest.json'].sort());
  // The cell of eleven has gone: this extract asked for twelve.
  expect(manifest.files.find(({ name }) => name === 'build_cohorts.json')).toMatchObject({ rows: 1 });
  expect(JSON.parse(await readFile(join(folder, 'build_cohorts.json'), 'utf8'))).toMatchObject({ rows: [{ sex: 'female', patients: 12 }] });
  expect(await run({ ...output, parameters: { format: 'csv' } }, { epoch: 2 })).toEqual(result);
  expect(await readdir(join(directory, 'research_extract'))).toEqual([`w-${runId}`]);
});

test('an extract may be Parquet, and a run without a report publishes nothing', async () => {
  const other = '0191d0c1-0000-7000-8000-0000000000bb';
  await expect(run(output, { runId: other })).rejects.toMatchObject({ code: 'NO_REPORT' });
  await run(
    { name: 'c', type: 'transformation', function: 'sql_cohorts', parameters: { group_by: ['sex'], minimum_follow_up_days: 31 } },
    { runId: other },
  );
  const { values } = await run({ ...output, parameters: { format: 'parquet' } }, { runId: other });
  const { buffer, byteOffset, byteLength } = await readFile(join(directory, String(values['folder']), 'c.parquet'));

  expect(await parquetReadObjects({ file: buffer.slice(byteOffset, byteOffset + byteLength) })).toEqual([
    { sex: 'female', patients: 12, outcomes: 0, mean_primary_endpoint: null, serious_events: 0 },
    { sex: 'male', patients: 12, outcomes: 0, mean_primary_endpoint: null, serious_events: 0 },
  ]);
});

test('other tasks are not taken', () => {
  const specs = [{ type: 'validation', rules: [] }, { type: 'output', destination: 'claims_processing_system' }, { type: 'transformation' }, { type: 'transformation', function: 'toString' }, { type: 'batch' }];
  for (const spec of specs) expect(find({ workflow: 'w', spec: spec as unknown as TaskDefinition })).toBeUndefined();
}); // prettier-ignore
