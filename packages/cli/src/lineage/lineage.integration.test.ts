import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTrialMapper, createVisitMapper, type Mapped } from '@vigil/batch';
import { topics, type Topic } from '@vigil/contracts';
import { createMasks, eventIdOf, toUuid } from '@vigil/core';
import { createMemoryBroker, createMemoryRegistry, createValueEncoder, systemEngineClock } from '@vigil/kafka';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { lineageOfFile, lineageOfRow, lineageOfRun, type LineageSources } from './follow-lineage.ts';
import { openFactRows, openLineageRows } from './lineage-rows.ts';
import { lineageText } from './lineage-tree.ts';
import { openSourceRecords } from './source-records.ts';
import { tracedTable } from './traced-tables.ts';

const datasetKey = { id: 'p1', secret: Buffer.alloc(32, 1) };
const { idOf } = createMasks(datasetKey, 'safe-harbor');
const fileId = '0191d0c1-0000-7000-8000-00000000000f';
const claimsFileId = '0191d0c1-0000-7000-8000-00000000000c';
const runId = '0191d0c1-0000-7000-8000-0000000000aa';
const unknownId = '0191d0c1-0000-7000-8000-0000000000ff';
const rules = {
  tokenKey: datasetKey,
  dataKey: { id: 'k', secret: Buffer.alloc(32, 2) },
  random: randomBytes,
  source: 'ehr_sftp',
  fileId,
  startedAtMs: Date.UTC(2024, 5, 1),
};

let operational: TestDatabase;
let warehouse: TestDatabase;
let masked: LineageSources;
let revealed: LineageSources;
const visitKeys: string[] = [];

const broker = createMemoryBroker({ clock: systemEngineClock });
const registry = createMemoryRegistry();

async function publish(topic: Topic, partition: number, values: readonly unknown[]): Promise<void> {
  const producer = await broker.connect().openIdempotentProducer();
  const encode = createValueEncoder(topic.schema, await registry.idOf(`${topic.name}-value`, topic.schema));
  await producer.send(
    values.map((value) => ({
      topic: topic.name,
      partition,
      key: Buffer.from('k'),
      value: Buffer.isBuffer(value) ? value : encode(value as object),
      headers: [],
      timestamp: null,
    })),
  );
}

const valuesOf = (topic: Topic, mapped: Mapped): readonly unknown[] =>
  mapped.kind === 'records' ? mapped.records.filter((record) => record.topic === topic).map(({ value }) => value) : [];

async function publishVisits(): Promise<void> {
  const map = createVisitMapper(rules);
  const values = ['2024-03-15', '2024-03-16', '2024-03-17'].flatMap((visit_date, index) =>
    valuesOf(topics.visitRecorded, map({ item: { patient_id: 'PAT_1', visit_date }, line: index + 2, position: '', place: '' })),
  ) as { visitId: string }[];
  await publish(topics.visitRecorded, 1, values);
  for (const [offset, { visitId }] of values.entries()) {
    visitKeys.push(toUuid(idOf(visitId)));
    await warehouse.pool.query(
      `INSERT INTO warehouse.fact_visit (visit_key, patient_key, diagnosis_key, src_topic, src_partition, src_offset, load_id)
       VALUES ($1, 1, 1, 'deid.ehr.visit.recorded.v1', 1, $2, 7)`,
      [visitKeys[offset], 40 + offset],
    );
  }
}

beforeAll(async () => {
  operational = await createTestDatabase('vigil');
  warehouse = await createTestDatabase('vigil_warehouse');
  for (const { name } of [topics.visitRecorded, topics.outcomeRecorded, topics.claimReceived]) broker.createTopic(name, 2);
  await publishVisits();
  await publish(topics.claimReceived, 0, [Buffer.from('{}'), Buffer.from('{}')]);
  await warehouse.pool.query(
    `INSERT INTO warehouse.fact_claim (decision_id, submission_id, patient_key, provider_key, payer_key, plan_key, lines, pend_reasons, rules, src_topic, src_partition, src_offset, load_id)
     VALUES ($1, $2, 1, 1, 1, 1, 1, '{}', '{}', 'deid.claims.claim.adjudicated.v1', 0, 5, 8)`,
    [unknownId, toUuid(idOf(eventIdOf({ topic: topics.claimReceived.name, partition: 0, offset: 1 })))],
  );
  const fileSql = `INSERT INTO orchestration.file (file_id, source, path, version, bytes, modified_at, state, run_id, records_read, records_ok, records_rejected, score)
    VALUES ($1, $2, 'PAT_CANARY.csv', '1', 9, now(), 'LOADED', $3, 4, 3, 1, 0.75)`;
  await operational.pool.query(fileSql, [fileId, 'ehr_sftp', runId]);
  await operational.pool.query(fileSql, [claimsFileId, 'claims_sftp', null]);
  const trailSql =
    'INSERT INTO orchestration.row_trail (source, file_id, first_line, last_line, topic, partition, first_offset, last_offset) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)';
  await operational.pool.query(trailSql, ['ehr_sftp', fileId, 2, 4, topics.visitRecorded.name, 1, 0, 2]);
  await operational.pool.query(trailSql, ['claims_sftp', claimsFileId, 1, 2, topics.claimReceived.name, 0, 0, 1]);
  await operational.pool.query(
    "INSERT INTO orchestration.definition (workflow, version, sha256, text, plan, deployed_by) VALUES ('w', 1, '', '', '{}', 'ann')",
  );
  await operational.pool.query(
    `INSERT INTO orchestration.run (run_id, workflow, version, batch_id, status, trigger, requested_by) VALUES ($1, 'w', 1, 'b', 'succeeded', 'manual', 'ann')`,
    [runId],
  );
  await operational.pool.query(
    `INSERT INTO orchestration.task_run (run_id, task, part, workflow, task_type, state, attempt) VALUES ($1, 'extract', 0, 'w', 'batch', 'succeeded', 2), ($1, 'load', 1, 'w', 'storage', 'succeeded', 1)`,
    [runId],
  );
  await operational.pool.query(
    `INSERT INTO orchestration.quality_score (subject, source, records, completeness, validity, uniqueness, consistency, timeliness, score, drift, held, run_id) VALUES ($1, 'ehr_sftp', 4, 1, 0.75, 1, 1, 1, 0.75, -2, true, $2)`,
    [`file:${fileId}`, runId],
  );
  masked = { rows: openLineageRows(operational.url), facts: openFactRows(warehouse.url), records: null };
  revealed = { ...masked, records: openSourceRecords({ client: broker.connect(), registry }, [datasetKey]) };
}, 60_000);
afterAll(async () => {
  await masked?.rows.close();
  await masked?.facts.close();
  await operational?.drop();
  await warehouse?.drop();
});

const short = (
  steps: readonly { readonly step: string; readonly place?: { readonly topic: string; readonly offset: number }; readonly note?: string }[],
) => steps.map(({ step, place, note }) => `${step} ${place?.topic ?? ''}@${place?.offset ?? ''} ${note ?? ''}`);

test('a row leads to nobody without the dataset key', async () => {
  const tree = await lineageOfRow(masked, tracedTable('fact_visit'), visitKeys[1]!);

  expect(short(tree.steps)).toEqual([
    'warehouse row deid.ehr.visit.recorded.v1@41 load 7',
    'end @ not linkable without the dataset key: --reveal --reason TEXT',
  ]);
});

test('revealed, a row of a visit leads to its record, its line and its file', async () => {
  const tree = await lineageOfRow(revealed, tracedTable('warehouse.fact_visit'), visitKeys[1]!);

  expect(short(tree.steps)).toEqual([
    'warehouse row deid.ehr.visit.recorded.v1@41 load 7',
    'record ehr.visit.recorded.v1@1 line 3',
    'file @ source ehr_sftp, revision 1, read 4, ok 3, rejected 1, PAT_CANARY.csv',
    'run @ ',
  ]);
  expect(tree.found).toBe(true);
});

test('a row of a claim leads to the lines its record may stand in: the id of the event follows from the place', async () => {
  const tree = await lineageOfRow(revealed, tracedTable('fact_claim'), unknownId);

  expect(short(tree.steps)).toEqual([
    'warehouse row deid.claims.claim.adjudicated.v1@5 load 8',
    'record claims.claim.received.v1@1 a line of 1 to 2',
    expect.stringContaining('source claims_sftp'),
  ]);
});

test('a line of a file leads to its rows, its path told only where it was revealed', async () => {
  const hidden = await lineageOfFile(masked, fileId, 4);
  expect(lineageText(hidden)).toBe(`file ${fileId} line 4
  file  ${fileId}  LOADED  source ehr_sftp, revision 1, read 4, ok 3, rejected 1
  run  ${runId}
  score  0.75
  records  ehr.visit.recorded.v1-1@0  to @2, of lines 2 to 4
  end  source  not linkable without the dataset key: --reveal --reason TEXT`);

  const shown = await lineageOfFile(revealed, fileId, 4);
  expect(shown.steps.slice(-2)).toMatchObject([
    { step: 'record', place: { offset: 2 }, note: 'line 4' },
    { step: 'warehouse row', id: visitKeys[2], state: 'fact_visit' },
  ]);
  const claims = await lineageOfFile(revealed, claimsFileId, 2);
  expect(claims.steps.at(-1)).toMatchObject({ step: 'warehouse row', id: unknownId });
  expect((await lineageOfFile(masked, fileId, null)).steps.map(({ step }) => step)).toEqual(['file', 'run', 'score', 'records']);
  expect(await lineageOfFile(masked, fileId, 99)).toMatchObject({ found: false, steps: [{}, {}, {}, { state: 'records' }] });
});

test('a run tells its tasks, files and scores', async () => {
  const tree = await lineageOfRun(masked, runId);

  expect(lineageText(tree)).toBe(`run ${runId}
  run  ${runId}  succeeded  w version 1, batch b
  task  extract  succeeded  attempt 2
  task  load[1]  succeeded  attempt 1
  file  ${fileId}  LOADED  source ehr_sftp, revision 1, read 4, ok 3, rejected 1
  score  file:${fileId}  0.75  drift -2.0, held`);
});

test('what nobody knows is told as such', async () => {
  expect(await lineageOfRun(masked, unknownId)).toMatchObject({ found: false });
  expect(await lineageOfFile(masked, unknownId, null)).toMatchObject({ found: false });
  expect(await lineageOfRow(masked, tracedTable('fact_visit'), unknownId)).toMatchObject({ found: false });
  expect(() => tracedTable('dim_patient')).toThrow(/fact_visit/);

  const map = createTrialMapper({ ...rules, fileId: '' });
  const item = { change: 'snapshot', row: { trial_id: 'T', patient_id: 'P' }, position: '', place: '', changedAtMs: null } as const;
  const [outcome] = valuesOf(topics.outcomeRecorded, map({ item, line: 0, position: '', place: '' })) as { outcomeId: string }[];
  const row = toUuid(idOf(outcome!.outcomeId));
  await warehouse.pool.query(
    `INSERT INTO warehouse.fact_trial_outcome (outcome_key, patient_key, trial_key, src_topic, src_partition, src_offset, load_id) VALUES ($1, 1, 1, 'd', 0, 0, 9)`,
    [row],
  );
  expect((await lineageOfRow(revealed, tracedTable('fact_trial_outcome'), row)).steps.at(-1)).toMatchObject({ state: 'gone' });
  await publish(topics.outcomeRecorded, 0, [outcome]);
  expect((await lineageOfRow(revealed, tracedTable('fact_trial_outcome'), row)).steps.at(-1)).toMatchObject({ note: 'it came of no file' });
});
