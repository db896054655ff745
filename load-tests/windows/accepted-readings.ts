import { compileWriter, createWireEncoder, topics, type ReadingAccepted } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import type { ProducedRecord } from '@vigil/kafka';
import { createPhysiology, createSeededRandom } from '@vigil/testing';

/** Length of a window, as the workflow definition and both peers have it. */
export const windowMs = 300_000;

/** A multiple of the window length: the input is the same on every day. */
const startMs = Date.UTC(2026, 0, 1);
const topic = topics.vitalsReadingAccepted;

export interface InputShape {
  readonly records: number;
  readonly patients: number;
  readonly partitions: number;
}

/** Event time from which readings only push the clocks on; windows from here on are no part of a comparison. */
export const flushWindowStart = ({ records, patients }: InputShape): number =>
  Math.ceil((startMs + Math.ceil(records / patients) * 1000) / windowMs) * windowMs;

/** Windows with at least one reading, over all vitals: every reading has all six. */
export function expectedWindows({ records, patients }: InputShape): number {
  const rounds = Math.ceil(records / patients);
  const perWindow = windowMs / 1000;
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

/**
 * Accepted readings, one a second and patient, in order of event time and so without a late one; then one reading of
 * every patient two minutes into a new window, which makes every window before it final by the watermark.
 */
export function* acceptedReadings(shape: InputShape, schemaId: number): Generator<ProducedRecord> {
  const { records, patients, partitions } = shape;
  const random = createSeededRandom(1);
  const beds = Array.from({ length: patients }, (_, index): Bed => ({
    token: `bench.${hashId('bench', index)}`,
    deviceId: `MON_${index}`,
    partition: index % partitions,
    physiology: createPhysiology(random),
  }));
  const encode = createWireEncoder();
  const writer = compileWriter<ReadingAccepted>(topic.schema);
  const flushAt = flushWindowStart(shape) + 120_000;
  for (let count = 0; count < records + patients; count++) {
    const isFlush = count >= records;
    const bed = beds[(isFlush ? count - records : count) % patients] as Bed;
    const observedAt = isFlush ? flushAt : startMs + Math.floor(count / patients) * 1000;
    yield {
      topic: topic.name,
      partition: bed.partition,
      key: Buffer.from(bed.token),
      value: encode(schemaId, writer, readingOf(bed, hashId('bench', count), observedAt)),
      headers: [],
      timestamp: null,
    };
  }
}
