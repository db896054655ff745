import type { ReadingAccepted } from '@vigil/contracts';
import { doublesOf } from './doubles.ts';

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

export const codeOfVital = (vital: number): VitalCode | null => vitalCodes[vital] ?? null;

/** Numbers by vital index from numbers by code. */
export const perVital = (of: (code: VitalCode) => number): number[] => doublesOf(vitalCodes.map(of));

/** What a reading says of vitals. */
export type MeasuredVitals = Pick<
  ReadingAccepted,
  'heartRate' | 'respiratoryRate' | 'oxygenSaturation' | 'temperatureC' | 'systolic' | 'diastolic'
>;

/** The vitals of a reading by index; NaN = not measured or excluded. */
export const readVitals = (reading: MeasuredVitals): PerVital => [
  reading.heartRate ?? Number.NaN,
  reading.respiratoryRate ?? Number.NaN,
  reading.oxygenSaturation ?? Number.NaN,
  reading.temperatureC ?? Number.NaN,
  reading.systolic ?? Number.NaN,
  reading.diastolic ?? Number.NaN,
];

export function isAnythingMeasured(values: PerVital): boolean {
  for (let vital = 0; vital < vitalCount; vital++) if (!Number.isNaN(at(values, vital))) return true;
  return false;
}
