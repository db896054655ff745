import * as schemas from './generated/schemas.ts';
import type {
  AccessRecorded,
  AlertRaised,
  BatchProgressed,
  DeidAlertRaised,
  DeidPatientChanged,
  DeidReadingAccepted,
  DeidWindowClosed,
  IdentityObserved,
  IncidentChanged,
  LagObserved,
  PatientChanged,
  ReadingAccepted,
  ReadingReceived,
  RecordReceived,
  StageHalted,
  TroubleRaised,
  WindowClosed,
} from './generated/types.ts';
import { deidTopicOf } from './topic-names.ts';
import { days, mebibyte, topic, type AvroSchema, type Topic } from './topic.ts';

/** The de-identified form of a topic: what analysts' targets may read. */
const deidOf = <Value>(source: string, schema: AvroSchema, declared: Partial<Pick<Topic, 'cleanup'>>): Topic<Value> =>
  topic<Value>(deidTopicOf(source), {
    key: 'pseudonym',
    schema,
    phi: false,
    writers: ['deidentifier'],
    readers: ['warehouse-loader.warehouse', 'warehouse-loader.lake'],
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
  deidReadingAccepted: deidOf<DeidReadingAccepted>('vitals.reading.accepted.v1', schemas.deidReadingAccepted, {}),
  deidWindowClosed: deidOf<DeidWindowClosed>('vitals.window.closed.v1', schemas.deidWindowClosed, {}),
  deidAlertRaised: deidOf<DeidAlertRaised>('alerts.alert.raised.v1', schemas.deidAlertRaised, {}),
  deidPatientChanged: deidOf<DeidPatientChanged>('patients.patient.changed.v1', schemas.deidPatientChanged, { cleanup: 'compact' }),
  accessRecorded: topic<AccessRecorded>('audit.access.recorded.v1', {
    key: 'agent',
    schema: schemas.accessRecorded,
    // 45 CFR 164.316(b)(2): six years.
    retentionMs: days(2_192),
    phi: true,
    writers: ['cli', 'every-stage'],
    readers: [],
  }),
  lagObserved: topic<LagObserved>('operations.lag.observed.v1', {
    key: 'group',
    schema: schemas.lagObserved,
    partitions: 1,
    cleanup: 'compact',
    phi: false,
    writers: ['orchestrator'],
    readers: [],
  }),
  stageHalted: topic<StageHalted>('operations.stage.halted.v1', {
    key: 'stage',
    schema: schemas.stageHalted,
    partitions: 1,
    cleanup: 'compact',
    phi: true,
    writers: ['every-stage', 'cli'],
    readers: [],
  }),
  troubleRaised: topic<TroubleRaised>('operations.trouble.raised.v1', {
    key: 'trouble id',
    schema: schemas.troubleRaised,
    phi: false,
    writers: ['every-stage', 'orchestrator', 'cli'],
    readers: ['alert-router'],
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
