import type { ReadingAccepted } from '@vigil/contracts';

/** The vitals by their code; everywhere in this service a vital is an index into this list. */
export const vitalCodes = ['heart_rate', 'respiratory_rate', 'oxygen_saturation', 'temperature_c', 'systolic', 'diastolic'] as const;
export type VitalCode = (typeof vitalCodes)[number];
export const vitalCount = vitalCodes.length;

export const heartRate = 0;
export const respiratoryRate = 1;
export const oxygenSaturation = 2;
export const temperature = 3;
export const systolic = 4;

/** Index for what concerns no single vital. */
export const noVital = -1;

/** One number per vital, by index. */
export type PerVital = readonly number[];

/** An entry that is known to exist: indices of vitals and cells are computed, never data. */
export const at = (numbers: readonly number[], index: number): number => numbers[index] as number;

export const indexOfVital = (code: string): number => (vitalCodes as readonly string[]).indexOf(code);
export const codeOfVital = (vital: number): VitalCode | null => vitalCodes[vital] ?? null;

/** A list by vital index from one by code. */
export const perVital = <Value>(of: (code: VitalCode) => Value): Value[] => vitalCodes.map(of);

/**
 * The vitals of a reading in the order of `vitalCodes`; NaN = not measured or excluded.
 * Fills `into`, because this happens once per reading.
 *
 * @returns how many were measured
 */
export function readVitals(reading: ReadingAccepted, into: number[]): number {
  into[0] = reading.heartRate ?? Number.NaN;
  into[1] = reading.respiratoryRate ?? Number.NaN;
  into[2] = reading.oxygenSaturation ?? Number.NaN;
  into[3] = reading.temperatureC ?? Number.NaN;
  into[4] = reading.systolic ?? Number.NaN;
  into[5] = reading.diastolic ?? Number.NaN;
  let measured = 0;
  for (let vital = 0; vital < vitalCount; vital++) if (!Number.isNaN(at(into, vital))) measured++;
  return measured;
}
