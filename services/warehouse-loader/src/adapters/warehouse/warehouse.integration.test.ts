import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { createPool } from '@vigil/postgres';
import { aDeidAlert, aDeidPatient, aDeidReading, aDeidWindow, idOf } from '../../fixtures/records.ts';
import { createSinkBench, drained, type SinkBench } from '../../fixtures/sink-bench.ts';
import { createWarehouseSink, warehouseSpec } from './create-warehouse-sink.ts';
import { rewindWarehouse } from './rewind-warehouse.ts';

const { deidReadingAccepted, deidWindowClosed, deidAlertRaised, deidPatientChanged } = topics;
const facts = ['fact_vital_reading', 'fact_vital_window', 'fact_alert'];

let database: TestDatabase;
let bench: SinkBench;

beforeAll(async () => {
  database = await createTestDatabase('vigil_warehouse');
});
beforeEach(async () => {
  const tables = [...facts, 'dim_patient', 'dim_device', 'load'].map((table) => `warehouse.${table}`).join(', ');
  await database.pool.query(`TRUNCATE ${tables}, engine.sink_offset, engine.ledger_outbox`);
  bench = await createSinkBench({ spec: warehouseSpec }, 2);
});
afterEach(() => bench.stop());
afterAll(() => database?.drop());

const rows = async (sql: string, parameters: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await database.pool.query<Record<string, unknown>>(sql, parameters)).rows;

/** Everything that analysts see, in an order of its own. */
async function contents(): Promise<unknown> {
  const role = createPool({ url: database.url, applicationName: 'analyst', role: 'analyst' });
  try {
    const read = async (sql: string) => (await role.query<Record<string, unknown>>(sql)).rows;
    return {
      readings: await read(`SELECT r.reading_id, p.pseudonym, d.class, r.elapsed_ms, r.heart_rate FROM warehouse.fact_vital_reading r
        JOIN warehouse.dim_patient p USING (patient_key) JOIN warehouse.dim_device d USING (device_key) ORDER BY reading_id`),
      windows: await read(`SELECT window_id, patient_key, vital_key, revision, mean FROM warehouse.vital_window ORDER BY window_id`),
      alerts: await read(
        `SELECT alert_id, patient_key, rule, elapsed_raised_ms, elapsed_cleared_ms FROM warehouse.alert ORDER BY alert_id`,
      ),
      patients: await read(
        `SELECT pseudonym, sex, age_group, zip3, is_current FROM warehouse.dim_patient ORDER BY pseudonym, is_current, age_group`,
      ),
    };
  } finally {
    await role.end();
  }
}

test('records become facts with their keys, readable by analysts', async () => {
  await bench.send(deidPatientChanged, [aDeidPatient('d1.alice')]);
  await bench.send(deidReadingAccepted, [
    aDeidReading(1),
    aDeidReading(2, { pseudonym: 'd1.bob', deviceModel: null, excluded: null, flags: null }),
  ]);
  await bench.send(deidWindowClosed, [aDeidWindow(1), aDeidWindow(1, { revision: 1, mean: 71 }), aDeidWindow(2, { vital: 'systolic' })]);
  await bench.send(deidAlertRaised, [
    aDeidAlert(1),
    aDeidAlert(1, { change: 'cleared', elapsedClearedMs: 4_000_000_060_000 }),
    aDeidAlert(2),
  ]);
  await drained(await bench.start(createWarehouseSink(database.pool)), bench);

  const [first, second] = await rows('SELECT * FROM warehouse.fact_vital_reading ORDER BY src_offset');
  expect(first).toMatchObject({
    elapsed_ms: 4_000_000_000_001,
    approx_year: 2019,
    heart_rate: 71,
    temperature_c: null,
    systolic: 120.5,
    supplemental_oxygen: false,
    consciousness: 'A',
    excluded: ['temperature_c'],
    excluded_codes: ['OUT_OF_RANGE'],
    flags: ['TEMPERATURE_UNIT_CONVERTED'],
    src_topic: deidReadingAccepted.name,
    src_partition: 0,
    src_offset: 0,
  });
  expect(second).toMatchObject({ excluded: [], flags: [] });
  expect(await contents()).toMatchObject({
    readings: [
      { pseudonym: 'd1.alice', class: 'bedside-monitor', heart_rate: 71 },
      { pseudonym: 'd1.bob', class: 'bedside-monitor' },
    ],
    windows: [
      { revision: 1, mean: 71, vital_key: 1 },
      { revision: 0, vital_key: 5 },
    ],
    alerts: [{ elapsed_cleared_ms: 4_000_000_060_000 }, { elapsed_cleared_ms: null }],
    patients: [
      { pseudonym: 'd1.alice', sex: 'female', age_group: '40-44', is_current: true },
      { pseudonym: 'd1.bob', sex: null, is_current: true },
    ],
  });
  expect(await rows('SELECT sum(rows)::int AS rows, count(*)::int AS loads FROM warehouse.load')).toEqual([{ rows: 9, loads: 4 }]);
});

test('a patient who is known later fills the row in place; a change keeps the key and leaves a version', async () => {
  await bench.send(deidReadingAccepted, [aDeidReading(1)]);
  const stage = await bench.start(createWarehouseSink(database.pool));
  await drained(stage, bench);
  const [{ patient_key: key } = {}] = await rows('SELECT patient_key FROM warehouse.dim_patient');

  await bench.send(deidPatientChanged, [
    aDeidPatient('d1.alice'),
    aDeidPatient('d1.alice'),
    aDeidPatient('d1.alice', { ageGroup: '45-49' }),
  ]);
  await drained(stage, bench);
  await bench.send(deidPatientChanged, [null], { key: 'd1.alice' });
  await drained(stage, bench);

  expect(await rows('SELECT patient_key, age_group, is_current FROM warehouse.dim_patient WHERE is_current')).toEqual([
    { patient_key: key, age_group: null, is_current: true },
  ]);
  expect(await rows('SELECT age_group FROM warehouse.dim_patient WHERE NOT is_current ORDER BY src_offset')).toEqual([
    { age_group: '40-44' },
    { age_group: '45-49' },
  ]);
  expect(await rows('SELECT count(*)::int AS n FROM warehouse.dim_patient WHERE valid_to_load IS NULL')).toEqual([{ n: 1 }]);
});

test('a rewind and a reload change nothing', async () => {
  await bench.send(deidPatientChanged, [aDeidPatient('d1.alice'), aDeidPatient('d1.alice', { ageGroup: '45-49' }), aDeidPatient('d1.bob')]);
  const readings = Array.from({ length: 500 }, (_, index) => aDeidReading(index, { pseudonym: index % 3 ? 'd1.alice' : 'd1.carol' }));
  await bench.send(deidReadingAccepted, readings);
  await bench.send(deidWindowClosed, [aDeidWindow(1), aDeidWindow(1, { revision: 1 })]);
  await bench.send(deidAlertRaised, [aDeidAlert(1), aDeidAlert(1, { change: 'cleared', elapsedClearedMs: 1 })]);
  const stage = await bench.start(createWarehouseSink(database.pool));
  await drained(stage, bench);
  const before = await contents();

  for (const [topic, toOffset] of [
    [deidReadingAccepted, 123],
    [deidWindowClosed, 1],
    [deidAlertRaised, 0],
    [deidPatientChanged, 1],
  ] as const) {
    await rewindWarehouse({ pool: database.pool, topic: topic.name, partition: 0, toOffset });
  }
  expect(await contents()).not.toEqual(before);
  // The running loader notices at its next write.
  await bench.send(deidReadingAccepted, [aDeidReading(9_999)]);
  await drained(stage, bench);
  await database.pool.query(`DELETE FROM warehouse.fact_vital_reading WHERE elapsed_ms = ${4_000_000_000_000 + 9_999}`);

  expect(await contents()).toEqual(before);
  expect(await rows('SELECT sum(rows)::int AS rows FROM warehouse.load WHERE topic = $1', [deidWindowClosed.name])).toEqual([{ rows: 2 }]);
});

test('what was withheld by a stricter rule is loaded without it', async () => {
  const bare = { pseudonym: null, deviceClass: null, excluded: [{ field: null, code: null }] };
  await bench.send(deidReadingAccepted, [aDeidReading(1, bare)]);
  await bench.send(deidAlertRaised, [aDeidAlert(1, { missing: null, flags: null, pseudonym: null })]);
  await bench.send(deidWindowClosed, [aDeidWindow(1, { vital: null })]);
  await bench.send(deidPatientChanged, [aDeidPatient('d1.alice')]);
  const stage = await bench.start(createWarehouseSink(database.pool));
  await drained(stage, bench);
  await bench.send(deidPatientChanged, [aDeidPatient('d1.alice')]);
  await bench.send(deidPatientChanged, [Buffer.from('poison')]);
  await drained(stage, bench);

  expect(await rows('SELECT excluded FROM warehouse.fact_vital_reading')).toEqual([{ excluded: [''] }]);
  expect(await rows('SELECT vital_key FROM warehouse.fact_vital_window')).toEqual([{ vital_key: null }]);
  expect(await rows('SELECT missing, flags FROM warehouse.fact_alert')).toEqual([{ missing: [], flags: [] }]);
  expect(await rows('SELECT pseudonym FROM warehouse.dim_patient ORDER BY 1')).toEqual([{ pseudonym: '' }, { pseudonym: 'd1.alice' }]);
});

test('an id that is none goes to quarantine and the others are loaded', async () => {
  await bench.send(deidReadingAccepted, [
    aDeidReading(1),
    aDeidReading(2, { eventId: 'not an id' }),
    aDeidReading(3),
    aDeidReading(4, { deviceModel: 'a\0b' }),
  ]);
  const stage = await bench.start(createWarehouseSink(database.pool));
  await drained(stage, bench);

  expect((await rows('SELECT src_offset FROM warehouse.fact_vital_reading ORDER BY 1')).map(({ src_offset: offset }) => offset)).toEqual([
    0, 2,
  ]);
  expect(bench.quarantined(deidReadingAccepted)).toBe(2);
});

test('analysts cannot reach positions, loads or the engine', async () => {
  const analyst = createPool({ url: database.url, applicationName: 'analyst', role: 'analyst' });
  try {
    for (const sql of [
      'SELECT src_offset FROM warehouse.fact_vital_reading',
      'SELECT load_id FROM warehouse.fact_vital_window',
      'SELECT src_topic FROM warehouse.fact_alert',
      'SELECT * FROM warehouse.fact_alert',
      'SELECT valid_from_load FROM warehouse.dim_patient',
      'SELECT * FROM warehouse.load',
      'SELECT * FROM engine.sink_offset',
      'SELECT * FROM engine.lake_file',
      'DELETE FROM warehouse.fact_alert',
    ]) {
      await expect(analyst.query(sql)).rejects.toMatchObject({ code: '42501' });
    }
    expect((await analyst.query('SELECT * FROM warehouse.lake_file')).rowCount).toBe(0);
  } finally {
    await analyst.end();
  }
});

test('the loader needs no more than its own rights', async () => {
  const pool = createPool({ url: database.url, applicationName: 'loader', role: 'vigil_loader_warehouse' });
  try {
    await bench.send(deidPatientChanged, [aDeidPatient('d1.alice'), aDeidPatient('d1.alice', { sex: 'male' })]);
    await bench.send(deidReadingAccepted, [aDeidReading(1)]);
    await bench.send(deidWindowClosed, [aDeidWindow(1)], { partition: 1 });
    await bench.send(deidAlertRaised, [aDeidAlert(1)]);
    await drained(await bench.start(createWarehouseSink(pool)), bench);
    await bench.stop();
    expect(await rows(`SELECT reading_id FROM warehouse.fact_vital_reading`)).toHaveLength(1);
    expect(await rows('SELECT * FROM engine.ledger_outbox')).toEqual([]);
    await expect(pool.query('DELETE FROM warehouse.fact_alert')).rejects.toMatchObject({ code: '42501' });
  } finally {
    await pool.end();
  }
});

test('ids keep their digits but for version and variant', async () => {
  await bench.send(deidReadingAccepted, [aDeidReading(255)]);
  await drained(await bench.start(createWarehouseSink(database.pool)), bench);
  const [row] = await rows('SELECT reading_id FROM warehouse.fact_vital_reading');
  expect(String(row?.['reading_id']).replaceAll('-', '')).toHaveLength(idOf(255).length);
});
