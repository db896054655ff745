import type { ReadingAccepted } from '@vigil/contracts';
import { at, vitalCount, type PerVital } from '../vitals.ts';
import { neverMeasured, noGaps } from './patient-clock.ts';
import type { Patient } from './patient.ts';

type Timed = Pick<ReadingAccepted, 'observedAt' | 'receivedAt'>;

/** Moves the patient's clock by a reading. Event time never moves back. Returns whether no reading is newer. */
export function advanceClock(patient: Patient, { observedAt, receivedAt }: Timed, nowMs: number): boolean {
  const clock = patient.editTimes();
  clock.processedAt = nowMs;
  if (receivedAt > clock.receivedAt) clock.receivedAt = receivedAt;
  if (observedAt < clock.maxObservedAt) return false;
  clock.maxObservedAt = observedAt;
  return true;
}

/** Notes when each vital was measured, for alarms. */
export function noteMeasured(patient: Patient, observedAt: number, values: PerVital): void {
  const clock = patient.editClock();
  if (clock.lastAt === neverMeasured) clock.lastAt = neverMeasured.slice();
  if (clock.gaps === noGaps) clock.gaps = noGaps.slice();
  for (let vital = 0; vital < vitalCount; vital++) {
    const lastAt = at(clock.lastAt, vital);
    if (Number.isNaN(at(values, vital)) || observedAt <= lastAt) continue;
    if (lastAt !== Number.NEGATIVE_INFINITY) clock.gaps[vital] = observedAt - lastAt;
    clock.lastAt[vital] = observedAt;
  }
}

/** Where the patient is, for alerts: the place of the newest reading. */
export function notePlace(patient: Patient, reading: ReadingAccepted): void {
  const clock = patient.editClock();
  clock.historic = reading.historic;
  clock.hospital = reading.hospital;
  clock.ward = reading.ward;
  clock.room = reading.room;
}
