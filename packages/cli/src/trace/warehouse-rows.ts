import type { AlertRaised, ReadingAccepted, WindowClosed } from '@vigil/contracts';
import { createMasks, toUuid, type NamedKey } from '@vigil/core';
import { createPool, toDatabaseError } from '@vigil/postgres';
import type { TraceStep } from './trace-steps.ts';

/** What a reading became, as the stream knows it: to be found again among rows that hold no id of the stream. */
export interface TracedRecords {
  readonly reading: ReadingAccepted;
  readonly windows: readonly WindowClosed[];
  readonly alerts: readonly AlertRaised[];
}

/** Finds the rows of the warehouse: only whoever has the dataset key and the owner's rights can. */
export interface WarehouseRows {
  /** @throws VigilError DATABASE_AWAY, DATABASE_NOT_MIGRATED */
  stepsOf(records: TracedRecords): Promise<readonly TraceStep[]>;
  close(): Promise<void>;
}

interface Row {
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly load: number;
}

const source = 'f.src_topic AS topic, f.src_partition AS partition, f.src_offset AS "offset", f.load_id AS load';

/** By the patient's index, not by the id, which has none: a patient has one reading or a few at one time. */
const readingSql = `SELECT f.reading_id AS id, ${source} FROM warehouse.fact_vital_reading f
  JOIN warehouse.dim_patient p USING (patient_key)
  WHERE p.pseudonym = $1 AND f.elapsed_ms = $2 AND f.reading_id = $3::uuid ORDER BY f.src_offset`;
const windowSql = `SELECT f.window_id AS id, ${source} FROM warehouse.fact_vital_window f
  WHERE f.window_id = $1::uuid AND f.revision = $2 ORDER BY f.src_offset`;
const alertSql = `SELECT f.alert_id AS id, ${source} FROM warehouse.fact_alert f WHERE f.alert_id = $1::uuid ORDER BY f.src_offset`;

const stepOf =
  (table: string) =>
  ({ id, load, ...place }: Row): TraceStep => ({ step: 'warehouse row', place, id, state: table, note: `load ${load}` });

/** @param keys  the dataset key, and the one before it while it is being rotated */
export function openWarehouseRows(url: string, keys: readonly NamedKey[]): WarehouseRows {
  const pool = createPool({ url, applicationName: 'vigil-cli trace', maxConnections: 1 });
  const ask = async (table: string, sql: string, values: readonly unknown[]): Promise<readonly TraceStep[]> => {
    try {
      return (await pool.query<Row>(sql, [...values])).rows.map(stepOf(table));
    } catch (error) {
      throw toDatabaseError(error);
    }
  };
  const underKey = async (key: NamedKey, { reading, windows, alerts }: TracedRecords): Promise<readonly TraceStep[]> => {
    const { maskOf, idOf } = createMasks(key, 'safe-harbor');
    const rowIdOf = (id: string): string => toUuid(idOf(id));
    const { pseudonym, elapsedOffsetMs } = maskOf(reading.patientToken);
    const found = [
      await ask('fact_vital_reading', readingSql, [pseudonym, reading.observedAt + elapsedOffsetMs, rowIdOf(reading.eventId)]),
    ];
    for (const { windowId, revision } of windows) found.push(await ask('fact_vital_window', windowSql, [rowIdOf(windowId), revision]));
    for (const id of new Set(alerts.map(({ alertId }) => alertId))) found.push(await ask('fact_alert', alertSql, [rowIdOf(id)]));
    return found.flat();
  };
  return {
    stepsOf: async (records) => {
      const steps: TraceStep[] = [];
      for (const key of keys) steps.push(...(await underKey(key, records)));
      return steps.length > 0 ? steps : [{ step: 'end', state: 'warehouse', note: 'no row yet under the dataset key' }];
    },
    close: () => pool.end(),
  };
}
