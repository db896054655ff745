import type { DeidAlertRaised, DeidReadingAccepted, DeidWindowClosed } from '@vigil/contracts';
import type { RowTable, RowValues } from './row-values.ts';

/** Where a row came from: hidden from analysts, deleted by in a rewind. */
export interface RowSource {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly loadId: number;
}

/** Surrogate keys that a row refers to. */
export interface RowKeys {
  readonly patient: number;
  /** Of readings only. */
  readonly device: number | null;
  /** Of windows only; null for a vital sign that dim_vital does not list. */
  readonly vital: number | null;
  /** Of visits only. */
  readonly diagnosis: number | null;
  /** Of outcomes of trials only. */
  readonly trial: number | null;
}

export const sourceColumns = ['src_topic', 'src_partition', 'src_offset', 'load_id'];
const vitalColumns = ['heart_rate', 'respiratory_rate', 'oxygen_saturation', 'temperature_c', 'systolic', 'diastolic'];

export const readingTable: RowTable = {
  table: 'warehouse.fact_vital_reading',
  columns: [
    'reading_id',
    'patient_key',
    'device_key',
    'elapsed_ms',
    'approx_year',
    ...vitalColumns,
    'supplemental_oxygen',
    'consciousness',
    'historic',
    'excluded',
    'excluded_codes',
    'flags',
    ...sourceColumns,
  ],
};

const none: readonly string[] = [];

/** Writes the values of `sourceColumns`. */
export function writeSource(row: RowValues, { topic, partition, offset, loadId }: RowSource): void {
  row.text(topic);
  row.int4(partition);
  row.int8(offset);
  row.int8(loadId);
}

export function writeReading(row: RowValues, reading: DeidReadingAccepted, keys: RowKeys, source: RowSource): void {
  row.uuid(reading.eventId);
  row.int8(keys.patient);
  row.int8(keys.device);
  row.int8(reading.elapsedMs);
  row.int2(reading.approxYear);
  row.float8(reading.heartRate);
  row.float8(reading.respiratoryRate);
  row.float8(reading.oxygenSaturation);
  row.float8(reading.temperatureC);
  row.float8(reading.systolic);
  row.float8(reading.diastolic);
  row.bool(reading.supplementalOxygen);
  row.text(reading.consciousness);
  row.bool(reading.historic);
  const excluded = reading.excluded ?? [];
  row.textArray(excluded.length === 0 ? none : excluded.map(({ field }) => field ?? ''));
  row.textArray(excluded.length === 0 ? none : excluded.map(({ code }) => code ?? ''));
  row.textArray(reading.flags ?? none);
  writeSource(row, source);
}

export const windowTable: RowTable = {
  table: 'warehouse.fact_vital_window',
  columns: [
    'window_id',
    'patient_key',
    'vital_key',
    'elapsed_start_ms',
    'approx_year',
    'size_ms',
    'revision',
    'closed_by',
    'n',
    'min',
    'max',
    'mean',
    'stddev',
    'last',
    ...sourceColumns,
  ],
};

export function writeWindow(row: RowValues, window: DeidWindowClosed, keys: RowKeys, source: RowSource): void {
  row.uuid(window.windowId);
  row.int8(keys.patient);
  row.int2(keys.vital);
  row.int8(window.elapsedStartMs);
  row.int2(window.approxYear);
  row.int8(window.sizeMs);
  row.int4(window.revision);
  row.text(window.closedBy);
  row.int8(window.n);
  row.float8(window.min);
  row.float8(window.max);
  row.float8(window.mean);
  row.float8(window.stddev);
  row.float8(window.last);
  writeSource(row, source);
}

export const alertTable: RowTable = {
  table: 'warehouse.fact_alert',
  columns: [
    'alert_id',
    'patient_key',
    'rule',
    'vital',
    'kind',
    'severity',
    'historic',
    'change',
    'value',
    'threshold',
    'missing',
    'flags',
    'elapsed_raised_ms',
    'elapsed_cleared_ms',
    ...sourceColumns,
  ],
};

export function writeAlert(row: RowValues, alert: DeidAlertRaised, keys: RowKeys, source: RowSource): void {
  row.uuid(alert.alertId);
  row.int8(keys.patient);
  row.text(alert.rule);
  row.text(alert.vital);
  row.text(alert.kind);
  row.text(alert.severity);
  row.bool(alert.historic);
  row.text(alert.change);
  row.float8(alert.value);
  row.float8(alert.threshold);
  row.textArray(alert.missing ?? none);
  row.textArray(alert.flags ?? none);
  row.int8(alert.elapsedRaisedMs);
  row.int8(alert.elapsedClearedMs);
  writeSource(row, source);
}
