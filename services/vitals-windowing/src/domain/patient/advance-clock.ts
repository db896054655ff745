import type { ReadingAccepted } from '@vigil/contracts';
import { at, vitalCount, type PerVital } from '../vitals.ts';
import type { Patient } from './patient.ts';

/** Moves the patient's clock by a reading. Event time never moves back; the place is that of the newest reading. */
export function advanceClock(patient: Patient, reading: ReadingAccepted, { values, nowMs }: { values: PerVital; nowMs: number }): void {
  const clock = patient.editClock();
  const { observedAt } = reading;
  clock.processedAt = nowMs;
  for (let vital = 0; vital < vitalCount; vital++) {
    const lastAt = at(clock.lastAt, vital);
    if (Number.isNaN(at(values, vital)) || observedAt <= lastAt) continue;
    if (lastAt !== Number.NEGATIVE_INFINITY) clock.gaps[vital] = observedAt - lastAt;
    clock.lastAt[vital] = observedAt;
  }
  if (reading.receivedAt > clock.receivedAt) clock.receivedAt = reading.receivedAt;
  if (observedAt < clock.maxObservedAt) return;
  clock.maxObservedAt = observedAt;
  clock.historic = reading.historic;
  clock.hospital = reading.hospital;
  clock.ward = reading.ward;
  clock.room = reading.room;
}
