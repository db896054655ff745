import { hashId } from '@vigil/core';
import type { ReadingAccepted } from '@vigil/contracts';

/** 10:00:00 of a day on which windows of five minutes start at the full hour. */
export const tenOClock = Date.parse('2026-03-15T10:00:00Z');

const timeOf = (at: string | number): number => (typeof at === 'number' ? at : Date.parse(`2026-03-15T${at}Z`));

export type ReadingParts = Partial<Omit<ReadingAccepted, 'observedAt' | 'receivedAt'>> & {
  /** `10:00:10`, or milliseconds since the epoch. */
  readonly at?: string | number;
  readonly receivedAt?: number;
};

let made = 0;

/** A reading in which nothing was measured but what `parts` says; received a second after it was observed. */
export function aReading({ at = tenOClock, ...parts }: ReadingParts = {}): ReadingAccepted {
  const observedAt = timeOf(at);
  return {
    eventId: hashId('test', made++),
    patientToken: 't1.patient-a',
    deviceId: 'MONITOR_1',
    deviceClass: '',
    deviceModel: '',
    observedAt,
    receivedAt: observedAt + 1000,
    historic: false,
    heartRate: null,
    respiratoryRate: null,
    oxygenSaturation: null,
    temperatureC: null,
    systolic: null,
    diastolic: null,
    supplementalOxygen: null,
    consciousness: null,
    birthYear: null,
    excluded: [],
    flags: [],
    deviceStatus: 'NORMAL',
    hospital: 'General',
    ward: 'ICU',
    room: '101A',
    ...parts,
  };
}

/** Every vital as a healthy adult has it. */
export const healthy = {
  heartRate: 72,
  respiratoryRate: 16,
  oxygenSaturation: 98,
  temperatureC: 37,
  systolic: 120,
  diastolic: 78,
  supplementalOxygen: false,
  consciousness: 'A',
  birthYear: 1960,
} as const;
