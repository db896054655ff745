import type { TopicRef } from '@vigil/core';
import * as schemas from './generated/schemas.ts';
import type {
  AlertRaised,
  BatchProgressed,
  IdentityObserved,
  IncidentChanged,
  PatientChanged,
  ReadingAccepted,
  ReadingReceived,
  RecordReceived,
  WindowClosed,
} from './generated/types.ts';

/** An Avro schema as it stands in `schemas/`. */
export type AvroSchema = Readonly<Record<string, unknown>>;

/** Consumer groups that appear in the catalogue. */
export type Group =
  | 'device-ingest'
  | 'vitals-windowing'
  | 'alert-router'
  | 'deidentifier'
  | 'warehouse-loader.warehouse'
  | 'warehouse-loader.lake'
  | 'warehouse-loader.operational'
  | 'warehouse-loader.archive';

export type Party = Group | 'gateway' | 'devices' | 'hospitals' | 'cli' | 'every-stage';

/**
 * `avro`: registry wire format (magic byte, schema id, body).
 * `json-or-avro`: what a device or hospital sends: JSON bytes, or the wire format, told apart by the magic byte.
 */
export type TopicFormat = 'avro' | 'json-or-avro';

export interface Topic<Value = unknown> extends TopicRef<Value> {
  readonly name: string;
  /** What the Kafka key holds: the thing whose order matters. */
  readonly key: string;
  readonly schema: AvroSchema;
  readonly format: TopicFormat;
  /** `chain`: the one partition count that all record topics share. */
  readonly partitions: 'chain' | number;
  readonly retentionMs: number;
  readonly cleanup: 'delete' | 'compact';
  /** `log-append`: the broker's clock stamps the record; ingestion time of what others send. */
  readonly timestamps: 'log-append' | 'create';
  readonly maxMessageBytes: number;
  /** Whether values hold protected health information. */
  readonly phi: boolean;
  readonly writers: readonly Party[];
  readonly readers: readonly Group[];
}

const mebibyte = 1024 * 1024;
const days = (count: number): number => count * 86_400_000;

type Declared<Value> = Partial<Omit<Topic<Value>, keyof TopicRef>> & Pick<Topic<Value>, 'key' | 'schema' | 'phi' | 'writers' | 'readers'>;

const topic = <Value>(name: string, declared: Declared<Value>): Topic<Value> => ({
  name,
  format: 'avro',
  partitions: 'chain',
  retentionMs: days(14),
  cleanup: 'delete',
  timestamps: 'create',
  maxMessageBytes: mebibyte,
  ...declared,
});

/** The fleet as a table: every record topic with its key, shape, keeping and rights. */
export const topics = {
  vitalsReadingReceived: topic<ReadingReceived>('vitals.reading.received.v1', {
    key: 'device id',
    schema: schemas.readingReceived,
    format: 'json-or-avro',
    timestamps: 'log-append',
    maxMessageBytes: 4 * mebibyte,
    phi: true,
    writers: ['devices', 'gateway', 'cli'],
    readers: ['device-ingest', 'warehouse-loader.archive'],
  }),
  patientsRecordReceived: topic<RecordReceived>('patients.record.received.v1', {
    key: 'patient id',
    schema: schemas.recordReceived,
    format: 'json-or-avro',
    timestamps: 'log-append',
    maxMessageBytes: 4 * mebibyte,
    phi: true,
    writers: ['hospitals', 'gateway', 'cli'],
    readers: ['device-ingest', 'warehouse-loader.archive'],
  }),
  vitalsReadingAccepted: topic<ReadingAccepted>('vitals.reading.accepted.v1', {
    key: 'patient token',
    schema: schemas.readingAccepted,
    phi: true,
    writers: ['device-ingest'],
    readers: ['vitals-windowing', 'deidentifier', 'warehouse-loader.operational'],
  }),
  vitalsReadingLate: topic<ReadingAccepted>('vitals.reading.late.v1', {
    key: 'patient token',
    schema: schemas.readingAccepted,
    phi: true,
    writers: ['vitals-windowing'],
    readers: [],
  }),
  vitalsWindowClosed: topic<WindowClosed>('vitals.window.closed.v1', {
    key: 'patient token',
    schema: schemas.windowClosed,
    phi: true,
    writers: ['vitals-windowing'],
    readers: ['deidentifier'],
  }),
  vitalsWindowUpdated: topic<WindowClosed>('vitals.window.updated.v1', {
    key: 'patient token',
    schema: schemas.windowClosed,
    retentionMs: days(1),
    phi: true,
    writers: ['vitals-windowing'],
    readers: [],
  }),
  patientChanged: topic<PatientChanged>('patients.patient.changed.v1', {
    key: 'patient token',
    schema: schemas.patientChanged,
    cleanup: 'compact',
    phi: true,
    writers: ['device-ingest'],
    readers: ['vitals-windowing', 'deidentifier'],
  }),
  identityObserved: topic<IdentityObserved>('patients.identity.observed.v1', {
    key: 'patient token',
    schema: schemas.identityObserved,
    cleanup: 'compact',
    phi: true,
    writers: ['device-ingest'],
    readers: ['warehouse-loader.operational'],
  }),
  alertRaised: topic<AlertRaised>('alerts.alert.raised.v1', {
    key: 'patient token',
    schema: schemas.alertRaised,
    phi: true,
    writers: ['vitals-windowing'],
    readers: ['alert-router', 'deidentifier'],
  }),
  incidentChanged: topic<IncidentChanged>('alerts.incident.changed.v1', {
    key: 'incident id',
    schema: schemas.incidentChanged,
    phi: false,
    writers: ['alert-router'],
    readers: [],
  }),
  batchProgressed: topic<BatchProgressed>('lineage.batch.progressed.v1', {
    key: 'stage',
    schema: schemas.batchProgressed,
    phi: false,
    writers: ['every-stage'],
    readers: [],
  }),
} as const;

export type CatalogueTopic = (typeof topics)[keyof typeof topics];
