import { hashId } from '@vigil/core';
import type { PatientChanged, ReadingAccepted } from '@vigil/contracts';
import type { SeededRandom } from '@vigil/testing';
import { aReading } from '../../../../services/vitals-windowing/test-support/a-reading.ts';
import { between, type PlannedRecord } from '../../scenario.ts';
import type { Span } from '../play.ts';

export const readingsInput = 0;
export const patientsInput = 1;

interface Patient {
  readonly token: string;
  readonly partition: number;
  /** As monitors tell it; null = only the registry knows. */
  readonly birthYear: number | null;
  /** From when on the patient is unwell, as a share of the time; above 1 = never. */
  readonly worseFrom: number;
}

/** Of age in every registry: what is scored then does not hang on which of two topics was read first. */
const adultBirthDay = -3_650;
const eventSpanMs = 6 * 60_000;

const drawPatients = (random: SeededRandom, partitions: number): Patient[] =>
  Array.from({ length: between(random, 1, 4) }, (_, index) => ({
    token: `t1.patient-${index}`,
    partition: index % partitions,
    birthYear: random.pick([1950, 1950, 2020, null]),
    worseFrom: random.next() * 1.5,
  }));

const maybe = (random: SeededRandom, value: number): number | null => (random.chance(0.7) ? value : null);

function drawVitals(random: SeededRandom, isWorse: boolean): Partial<ReadingAccepted> {
  const jitter = random.next() * 4;
  const heartRate = isWorse ? random.pick([30, 38, 72, 110, 150, 0]) : 70 + jitter;
  return {
    heartRate: maybe(random, heartRate),
    respiratoryRate: maybe(random, isWorse ? random.pick([6, 16, 28]) : 15 + jitter),
    oxygenSaturation: maybe(random, isWorse ? random.pick([82, 90, 96]) : 97),
    temperatureC: maybe(random, isWorse ? random.pick([37, 39.5, 41.5]) : 36.8),
    systolic: maybe(random, isWorse ? random.pick([80, 120, 225]) : 118 + jitter),
    supplementalOxygen: random.chance(0.2),
    consciousness: random.chance(0.9) ? 'A' : 'V',
    deviceStatus: random.chance(0.97) ? 'NORMAL' : 'LEAD_OFF',
    flags: [],
  };
}

/** Event times wander: out of order, at times minutes back, so that windows are closed, corrected, and forgotten. */
function drawReading(random: SeededRandom, patient: Patient, id: number, { startMs, activeMs }: Span): PlannedRecord<ReadingAccepted> {
  const atMs = between(random, 0, activeMs);
  const { token, partition, birthYear, worseFrom } = patient;
  const backMs = random.chance(0.12) ? between(random, 0, 3 * 60_000) : between(random, 0, 8_000);
  // Event time ends where the clock begins: windows can then close idle, too.
  const observedAt = startMs + Math.floor((atMs / activeMs - 1) * eventSpanMs) - backMs;
  const reading = aReading({
    ...drawVitals(random, atMs / activeMs >= worseFrom && random.chance(0.8)),
    at: observedAt,
    eventId: hashId('simulated', id),
    patientToken: token,
    birthYear,
    receivedAt: startMs + atMs,
    historic: random.chance(0.05),
  });
  return { atMs, input: readingsInput, partition, key: token, value: random.chance(0.02) ? null : reading };
}

function drawRegistrations(
  random: SeededRandom,
  patients: readonly Patient[],
  { startMs, activeMs }: Span,
): PlannedRecord<PatientChanged>[] {
  return patients
    .filter(({ birthYear }) => birthYear !== 2020 && random.chance(0.7))
    .map(({ token, partition }) => ({
      atMs: between(random, 0, activeMs),
      input: patientsInput,
      partition,
      key: token,
      value: { patientToken: token, birthDate: adultBirthDay, sex: 'unknown', zip: null, changedAt: startMs },
    }));
}

export function drawWard(random: SeededRandom, span: Span): readonly PlannedRecord[] {
  const patients = drawPatients(random, span.partitions);
  const readings = Array.from({ length: between(random, 20, 90) }, (_, id) =>
    drawReading(random, patients[between(random, 0, patients.length - 1)] as Patient, id, span),
  );
  return [...readings, ...drawRegistrations(random, patients, span)];
}
