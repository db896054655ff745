import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createTrialMapper, createVisitMapper, type Mapped, type MapperRules } from '@vigil/batch';
import { topics, type Topic } from '@vigil/contracts';
import { fingerprintRows, replayableSink, tablesOf } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { driveDeidentifier } from '../../services/deidentifier/test-support/drive-deidentifier.ts';
import { createWarehouseSink, warehouseSpec } from '../../services/warehouse-loader/src/adapters/warehouse/create-warehouse-sink.ts';
import { rewindWarehouse } from '../../services/warehouse-loader/src/adapters/warehouse/rewind-warehouse.ts';
import { createSinkBench, drained, type SinkBench } from '../../services/warehouse-loader/src/fixtures/sink-bench.ts';

const { visitRecorded, outcomeRecorded, deidVisitRecorded, deidOutcomeRecorded } = topics;
const rules: MapperRules = {
  tokenKey: { id: 't1', secret: Buffer.alloc(32, 1) },
  dataKey: { id: 'k1', secret: Buffer.alloc(32, 2) },
  random: randomBytes,
  source: 'test',
  fileId: 'f1',
  startedAtMs: Date.UTC(2024, 5, 1),
};

let database: TestDatabase;
let bench: SinkBench;

beforeAll(async () => {
  database = await createTestDatabase('vigil_warehouse');
});
beforeEach(async () => {
  await database.pool.query(
    'TRUNCATE warehouse.fact_visit, warehouse.fact_trial_outcome, warehouse.load, engine.sink_offset, engine.ledger_outbox',
  );
  bench = await createSinkBench({ spec: warehouseSpec });
});
afterEach(() => bench.stop());
afterAll(() => database?.drop());

const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await database.pool.query<Record<string, unknown>>(sql)).rows;

/** Mapped items on their way to the warehouse: published, de-identified, loaded. */
async function carry(mapped: readonly Mapped[], [source, target]: readonly [Topic, Topic]): Promise<void> {
  const driver = driveDeidentifier();
  for (const item of mapped) {
    if (item.kind !== 'records') throw new Error(item.kind === 'rejected' ? item.detail : item.kind);
    for (const { topic, key, value } of item.records) if (topic === source) await driver.pipe(source, { key, value });
  }
  expect(driver.quarantined()).toEqual([]);
  await bench.send(target, driver.read(target) as object[]);
}

const csv = `PAT_12345,2024-03-15,I10,Essential hypertension,MED001,DOC_001,Cardiology
PAT_12346,2024-03-15,E11.9,Type 2 diabetes mellitus without complications,MED002,DOC_002,Endocrinology
PAT_12345,2024-03-25,,,,DOC_001,Cardiology
PAT_12345,2024-03-15,I10,Essential hypertension,MED001,DOC_001,Cardiology`;
const columns = ['patient_id', 'visit_date', 'diagnosis_code', 'diagnosis_description', 'treatment_code', 'physician_id', 'department'];

const visits = (): readonly Mapped[] => {
  const map = createVisitMapper(rules);
  return csv.split('\n').map((text, index) => {
    const values = text.split(',');
    const item = Object.fromEntries(columns.map((column, at) => [column, values[at] as string]));
    return map({ item, line: index + 2, position: '', place: '' });
  });
};

test('visits of a CSV file become facts: a repeat is one visit, days apart stay days apart, a rewind changes nothing', async () => {
  await carry(visits(), [visitRecorded, deidVisitRecorded]);
  const stage = await bench.start(createWarehouseSink(database.pool));
  await drained(stage, bench);

  expect(await rows('SELECT count(*)::int AS n FROM warehouse.fact_visit')).toEqual([{ n: 4 }]);
  expect(
    await rows(`SELECT d.code, v.treatment_code, v.department_class, count(*) OVER (PARTITION BY v.patient_key)::int AS of_patient,
        v.elapsed_ms - min(v.elapsed_ms) OVER (PARTITION BY v.patient_key) AS since_first
      FROM warehouse.visit v JOIN warehouse.dim_diagnosis d USING (diagnosis_key) ORDER BY d.code DESC`),
  ).toEqual([
    { code: 'I10', treatment_code: 'MED001', department_class: 'cardiology', of_patient: 2, since_first: 0 },
    { code: 'E119', treatment_code: 'MED002', department_class: 'endocrinology', of_patient: 1, since_first: 0 },
    { code: '', treatment_code: '', department_class: 'cardiology', of_patient: 2, since_first: 864_000_000 },
  ]);
  expect(await rows('SELECT count(DISTINCT physician_key)::int AS n FROM warehouse.visit')).toEqual([{ n: 2 }]);

  const sink = replayableSink('warehouse-loader.warehouse');
  const range = { topic: deidVisitRecorded.name, partition: 0, fromOffset: 0, untilOffset: null, tables: tablesOf(sink, deidVisitRecorded.name) };
  const before = await fingerprintRows(database.pool, sink.name, range);
  expect(await rewindWarehouse({ pool: database.pool, topic: deidVisitRecorded.name, partition: 0, toOffset: 1 })).toBe(3);
  while ((await rows('SELECT FROM warehouse.fact_visit')).length < 4) await new Promise((resolve) => void setTimeout(resolve, 20));
  expect(await fingerprintRows(database.pool, sink.name, range)).toEqual(before);
}); // prettier-ignore

test('of a trial the last state of each participant stands, the deleted ones not at all', async () => {
  const map = createTrialMapper(rules);
  const row = {
    trial_id: 'NCT01234567',
    patient_id: 'PAT_1',
    enrollment_date: '2024-03-15',
    treatment_arm: 'Placebo',
    primary_endpoint_value: '-12.5',
    adverse_events: '[{"serious":true},{}]',
    completion_status: 'ongoing',
  };
  const told = (change: 'snapshot' | 'update' | 'delete', changed: object = {}): Mapped =>
    map({ item: { change, row: { ...row, ...changed }, position: '', place: '', changedAtMs: null }, line: 0, position: '', place: '' });
  await carry(
    [
      told('snapshot'),
      told('snapshot', { patient_id: 'PAT_2', treatment_arm: 'Drug X 10 mg' }),
      told('update', { completion_status: 'completed', primary_endpoint_value: '999999.9999' }),
      told('delete', { patient_id: 'PAT_2' }),
    ],
    [outcomeRecorded, deidOutcomeRecorded],
  );
  await drained(await bench.start(createWarehouseSink(database.pool)), bench);

  expect(await rows('SELECT change, arm, completion_status FROM warehouse.fact_trial_outcome ORDER BY src_offset')).toEqual([
    { change: 'snapshot', arm: 'placebo', completion_status: 'ongoing' },
    { change: 'snapshot', arm: 'active', completion_status: 'ongoing' },
    { change: 'update', arm: 'placebo', completion_status: 'completed' },
    { change: 'delete', arm: '', completion_status: '' },
  ]);
  expect(
    await rows(`SELECT t.code <> '' AS has_trial, o.arm, o.completion_status, o.primary_endpoint, o.adverse_events, o.serious_events
      FROM warehouse.trial_outcome o JOIN warehouse.dim_trial t USING (trial_key)`),
  ).toEqual([{ has_trial: true, arm: 'placebo', completion_status: 'completed', primary_endpoint: 999_999.9999, adverse_events: 2, serious_events: 1 }]); // prettier-ignore
});

test('an analyst reads facts and views, never where a row came from', async () => {
  const client = await database.pool.connect();
  try {
    await client.query('SET ROLE analyst');
    await client.query('SELECT visit_key, elapsed_ms FROM warehouse.fact_visit');
    await client.query('SELECT * FROM warehouse.visit JOIN warehouse.dim_diagnosis USING (diagnosis_key)');
    await client.query('SELECT * FROM warehouse.trial_outcome JOIN warehouse.dim_trial USING (trial_key)');
    for (const column of ['src_topic', 'src_partition', 'src_offset', 'load_id'])
      for (const table of ['fact_visit', 'fact_trial_outcome'])
        await expect(client.query(`SELECT ${column} FROM warehouse.${table}`)).rejects.toThrow(/permission denied/);
  } finally {
    await client.query('RESET ROLE');
    client.release();
  }
});
