import type { DeidAlertRaised, DeidReadingAccepted, DeidWindowClosed } from '@vigil/contracts';
import { toUuid } from '@vigil/core';

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
}

export type FactRow = readonly (string | number | boolean | null | readonly string[])[];

/** A table with its columns in the order in which rows are made. */
export interface FactTable {
  readonly table: string;
  readonly columns: readonly string[];
}

const sourceColumns = ['src_topic', 'src_partition', 'src_offset', 'load_id'];
const vitalColumns = ['heart_rate', 'respiratory_rate', 'oxygen_saturation', 'temperature_c', 'systolic', 'diastolic'];

export const readingTable: FactTable = {
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

export function readingRow(reading: DeidReadingAccepted, keys: RowKeys, source: RowSource): FactRow {
  const excluded = reading.excluded ?? [];
  return [
    toUuid(reading.eventId),
    keys.patient,
    keys.device,
    reading.elapsedMs,
    reading.approxYear,
    reading.heartRate,
    reading.respiratoryRate,
    reading.oxygenSaturation,
    reading.temperatureC,
    reading.systolic,
    reading.diastolic,
    reading.supplementalOxygen,
    reading.consciousness,
    reading.historic,
    excluded.length === 0 ? none : excluded.map(({ field }) => field ?? ''),
    excluded.length === 0 ? none : excluded.map(({ code }) => code ?? ''),
    reading.flags ?? none,
    source.topic,
    source.partition,
    source.offset,
    source.loadId,
  ];
}

export const windowTable: FactTable = {
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

export const windowRow = (window: DeidWindowClosed, keys: RowKeys, source: RowSource): FactRow => [
  toUuid(window.windowId),
  keys.patient,
  keys.vital,
  window.elapsedStartMs,
  window.approxYear,
  window.sizeMs,
  window.revision,
  window.closedBy,
  window.n,
  window.min,
  window.max,
  window.mean,
  window.stddev,
  window.last,
  source.topic,
  source.partition,
  source.offset,
  source.loadId,
];

export const alertTable: FactTable = {
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

export const alertRow = (alert: DeidAlertRaised, keys: RowKeys, source: RowSource): FactRow => [
  toUuid(alert.alertId),
  keys.patient,
  alert.rule,
  alert.vital,
  alert.kind,
  alert.severity,
  alert.historic,
  alert.change,
  alert.value,
  alert.threshold,
  alert.missing ?? none,
  alert.flags ?? none,
  alert.elapsedRaisedMs,
  alert.elapsedClearedMs,
  source.topic,
  source.partition,
  source.offset,
  source.loadId,
];
