import { compileWriter, createWireEncoder, topics, type ReadingAccepted } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import type { ProducedRecord } from '@vigil/kafka';
import { createPhysiology, createSeededRandom } from '@vigil/testing';

/** Length of a window, as the workflow definition and both peers have it. */
export const windowMs = 300_000;

/** A multiple of the window length: the input is the same on every day. */
export const inputStartMs = Date.UTC(2026, 0, 1);
const topic = topics.vitalsReadingAccepted;
const defaultStepMs = 1_000;

export interface InputShape {
  readonly records: number;
  readonly patients: number;
  readonly partitions: number;
  /** Event time between two readings of a patient; a second where absent. */
  readonly stepMs?: number;
}

/** Event time from which readings only push the clocks on; windows from here on are no part of a comparison. */
export const flushWindowStart = ({ records, patients, stepMs = defaultStepMs }: InputShape): number =>
  Math.ceil((inputStartMs + Math.ceil(records / patients) * stepMs) / windowMs) * windowMs;

/** Two minutes into a window of its own: every window before it is then final. */
const flushAt = (shape: InputShape): number => flushWindowStart(shape) + 120_000;

/** Windows with at least one reading, over all vitals: every reading has all six. */
export function expectedWindows({ records, patients, stepMs = defaultStepMs }: InputShape): number {
  const rounds = Math.ceil(records / patients);
  const perWindow = windowMs / stepMs;
  let windows = 0;
  for (let first = 0; first < rounds; first += perWindow) windows += Math.min(patients, records - first * patients);
  return windows * 6;
}

interface Bed {
  readonly token: string;
  readonly deviceId: string;
  readonly partition: number;
  readonly physiology: ReturnType<typeof createPhysiology>;
}

const round2 = (value: number): number => Math.round(value * 100) / 100;

function readingOf({ token, deviceId, physiology }: Bed, eventId: string, observedAt: number): ReadingAccepted {
  const { temperatureF, ...vitals } = physiology.step();
  return {
    eventId,
    patientToken: token,
    deviceId,
    deviceClass: 'bedside-monitor',
    deviceModel: 'VM-200',
    observedAt,
    receivedAt: observedAt,
    historic: false,
    heartRate: vitals.heartRate,
    respiratoryRate: vitals.respiratoryRate,
    oxygenSaturation: vitals.oxygenSaturation,
    temperatureC: round2((temperatureF - 32) / 1.8),
    systolic: vitals.systolic,
    diastolic: vitals.diastolic,
    supplementalOxygen: false,
    consciousness: 'A',
    birthYear: null,
    excluded: [],
    flags: [],
    deviceStatus: 'NORMAL',
    hospital: 'General Hospital',
    ward: 'ICU',
    room: '1',
  };
}

export const tokenOfPatient = (patient: number): string => `bench.${hashId('bench', patient)}`;

/** Makes readings of any patient at any event time, one after the other. */
type Ward = (patient: number, observedAt: number) => ProducedRecord;

function createReadings({ patients, partitions }: Pick<InputShape, 'patients' | 'partitions'>, schemaId: number, firstEvent = 0): Ward {
  const random = createSeededRandom(1);
  const beds = Array.from({ length: patients }, (_, index): Bed => ({
    token: tokenOfPatient(index),
    deviceId: `MON_${index}`,
    partition: index % partitions,
    physiology: createPhysiology(random),
  }));
  const encode = createWireEncoder();
  const writer = compileWriter<ReadingAccepted>(topic.schema);
  let event = firstEvent;
  return (patient, observedAt) => {
    const bed = beds[patient] as Bed;
    return {
      topic: topic.name,
      partition: bed.partition,
      key: Buffer.from(bed.token),
      value: encode(schemaId, writer, readingOf(bed, hashId('bench', event++), observedAt)),
      headers: [],
      timestamp: null,
    };
  };
}

function* steadyReadings({ records, patients, stepMs = defaultStepMs }: InputShape, reading: Ward): Generator<ProducedRecord> {
  for (let count = 0; count < records; count++) yield reading(count % patients, inputStartMs + Math.floor(count / patients) * stepMs);
}

/** Readings in order of event time and so without a late one, nothing behind them: what they opened last stays open. */
export const openReadings = (shape: InputShape, schemaId: number): Generator<ProducedRecord> =>
  steadyReadings(shape, createReadings(shape, schemaId));

/** One reading each of the first patients, which makes every window of theirs before it final by the watermark. */
export function* flushReadings(shape: InputShape, schemaId: number, patients: number): Generator<ProducedRecord> {
  const reading = createReadings({ ...shape, patients }, schemaId, shape.records);
  for (let patient = 0; patient < patients; patient++) yield reading(patient, flushAt(shape));
}

/** Accepted readings, a step and patient each; then one of every patient, which makes every window before it final. */
export function* acceptedReadings(shape: InputShape, schemaId: number): Generator<ProducedRecord> {
  const reading = createReadings(shape, schemaId);
  yield* steadyReadings(shape, reading);
  for (let patient = 0; patient < shape.patients; patient++) yield reading(patient, flushAt(shape));
}

/** Into the first window, then past its end and within its grace, then past its grace and the bound of out-of-orderness. */
const beforeEndMs = windowMs - 10_000;
const withinGraceMs = windowMs + 30_000;
const pastGraceMs = windowMs + 75_000;

/**
 * One reading of every patient in the second window, none of which can close yet, and before them one in the first window
 * of as many patients as there are partitions. So little closes when the clocks are pushed on, however many patients
 * there are.
 */
export function* stateReadings(shape: Omit<InputShape, 'records'>, schemaId: number): Generator<ProducedRecord> {
  const reading = createReadings(shape, schemaId);
  for (let patient = 0; patient < shape.partitions; patient++) yield reading(patient, inputStartMs + beforeEndMs);
  for (let patient = 0; patient < shape.patients; patient++) yield reading(patient, inputStartMs + withinGraceMs);
}

/** After `stateReadings`: one reading in every partition, which makes the first window of its patient final. */
export function* triggerReadings({ patients, partitions }: Omit<InputShape, 'records'>, schemaId: number): Generator<ProducedRecord> {
  const reading = createReadings({ patients: partitions, partitions }, schemaId, patients + partitions);
  for (let patient = 0; patient < partitions; patient++) yield reading(patient, inputStartMs + pastGraceMs);
}
