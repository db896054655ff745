import type { ReadingAccepted } from '@vigil/contracts';

/** Vital signs by the name of their column, with the field of ReadingAccepted that holds them. */
const latestVitalFields = {
  heart_rate: 'heartRate',
  respiratory_rate: 'respiratoryRate',
  oxygen_saturation: 'oxygenSaturation',
  temperature_c: 'temperatureC',
  systolic: 'systolic',
  diastolic: 'diastolic',
} as const satisfies Record<string, keyof ReadingAccepted>;

export type LatestVitalCode = keyof typeof latestVitalFields;

export const latestVitalCodes = Object.keys(latestVitalFields) as readonly LatestVitalCode[];

/** A value and when it was measured, milliseconds since the epoch. */
export interface LatestVital {
  readonly value: number;
  readonly observedAt: number;
}

/** The latest value of each vital sign of one patient. */
export interface LatestVitals {
  readonly patientToken: string;
  /** Event time of the latest reading. */
  readonly observedAt: number;
  /** Greatest ingestion time among the readings. */
  readonly receivedAt: number;
  readonly vitals: Readonly<Partial<Record<LatestVitalCode, LatestVital>>>;
}

/**
 * The latest values in a batch, by patient token. A later measurement replaces an earlier one; of two at one instant the
 * one that stands later in the log counts, so that loading again gives the same.
 *
 * @param readings  in log order
 */
export function latestOf(readings: Iterable<ReadingAccepted>): ReadonlyMap<string, LatestVitals> {
  const latest = new Map<string, LatestVitals & { vitals: Partial<Record<LatestVitalCode, LatestVital>> }>();
  for (const reading of readings) {
    const { patientToken, observedAt, receivedAt } = reading;
    const before = latest.get(patientToken);
    const vitals = before?.vitals ?? {};
    for (const code of latestVitalCodes) {
      const value = reading[latestVitalFields[code]];
      if (value !== null && observedAt >= (vitals[code]?.observedAt ?? observedAt)) vitals[code] = { value, observedAt };
    }
    latest.set(patientToken, {
      patientToken,
      observedAt: Math.max(observedAt, before?.observedAt ?? observedAt),
      receivedAt: Math.max(receivedAt, before?.receivedAt ?? receivedAt),
      vitals,
    });
  }
  return latest;
}
