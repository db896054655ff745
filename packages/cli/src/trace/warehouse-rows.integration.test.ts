import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AlertRaised, ReadingAccepted, WindowClosed } from '@vigil/contracts';
import { createMasks, toUuid } from '@vigil/core';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { openWarehouseRows } from './warehouse-rows.ts';

const key = { id: 'p1', secret: Buffer.alloc(32, 1) };
const previous = { id: 'p0', secret: Buffer.alloc(32, 2) };
const reading = { eventId: 'e'.repeat(32), patientToken: 't1.patient', observedAt: 1_700_000_000_000 } as ReadingAccepted;
const records = {
  reading,
  windows: [{ windowId: 'w-1', revision: 1 } as WindowClosed],
  alerts: [{ alertId: 'a-1' } as AlertRaised, { alertId: 'a-1' } as AlertRaised],
};

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase('vigil_warehouse');
}, 60_000);
afterAll(() => database?.drop());

async function load({ maskOf, idOf }: ReturnType<typeof createMasks>, offset: number): Promise<void> {
  const { pseudonym, elapsedOffsetMs } = maskOf(reading.patientToken);
  const query = async (sql: string, values: readonly unknown[]) => (await database.pool.query(sql, [...values])).rows;
  const [{ patient_key: patient }] = await query(
    'INSERT INTO warehouse.dim_patient (pseudonym, valid_from_load) VALUES ($1, 1) RETURNING patient_key',
    [pseudonym],
  );
  const columns = 'patient_key, device_key, elapsed_ms, excluded, excluded_codes, flags, src_topic, src_partition, src_offset, load_id';
  const values = `$2, 1, $3, '{}', '{}', '{}', 'deid.topic', 2, $4, 7`;
  // The second differs in its time only: another reading of the patient.
  for (const later of [0, 1])
    await query(`INSERT INTO warehouse.fact_vital_reading (reading_id, ${columns}) VALUES ($1::uuid, ${values})`, [
      toUuid(idOf(later === 0 ? reading.eventId : 'another')),
      patient,
      reading.observedAt + elapsedOffsetMs + later,
      offset + later,
    ]);
  for (const revision of [0, 1])
    await query(
      `INSERT INTO warehouse.fact_vital_window (window_id, patient_key, revision, src_topic, src_partition, src_offset, load_id)
       VALUES ($1::uuid, $2, $3, 'deid.windows', 2, $4, 8)`,
      [toUuid(idOf('w-1')), patient, revision, offset + revision],
    );
  for (const change of ['raised', 'cleared'])
    await query(
      `INSERT INTO warehouse.fact_alert (alert_id, patient_key, change, missing, flags, src_topic, src_partition, src_offset, load_id)
       VALUES ($1::uuid, $2, $3, '{}', '{}', 'deid.alerts', 2, $4, 9)`,
      [toUuid(idOf('a-1')), patient, change, offset + (change === 'raised' ? 0 : 5)],
    );
}

test('the rows of a reading, of the revision of a window and of both ends of an alert are found under the dataset key, and under no other', async () => {
  const none = openWarehouseRows(database.url, [key]);
  expect(await none.stepsOf(records)).toEqual([{ step: 'end', state: 'warehouse', note: 'no row yet under the dataset key' }]);
  await load(createMasks(key, 'safe-harbor'), 40);
  await load(createMasks(previous, 'safe-harbor'), 60);

  const steps = await none.stepsOf(records);
  expect(steps.map(({ state, place, note }) => [state, place?.topic, place?.offset, note])).toEqual([
    ['fact_vital_reading', 'deid.topic', 40, 'load 7'],
    ['fact_vital_window', 'deid.windows', 41, 'load 8'],
    ['fact_alert', 'deid.alerts', 40, 'load 9'],
    ['fact_alert', 'deid.alerts', 45, 'load 9'],
  ]);
  await none.close();
  const rotating = openWarehouseRows(database.url, [key, previous]);
  expect(await rotating.stepsOf(records)).toHaveLength(8);
  await rotating.close();
  await expect(rotating.stepsOf(records)).rejects.toThrow();
});
