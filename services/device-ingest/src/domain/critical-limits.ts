import type { Reading } from './judge-message.ts';
import { hasAlarmingExclusion } from './judge-measurements.ts';
import type { Range, Vital, VitalLimits } from './plausibility.ts';

/**
 * Limits for vitals that the workflow definition names none for: where one parameter alone scores 3.
 *
 * @see Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017, chart 1
 */
const news2RedScores: VitalLimits = {
  heart_rate: { low: 41, high: 130 },
  respiratory_rate: { low: 9, high: 24 },
  oxygen_saturation: { low: 92, high: Infinity },
  temperature_c: { low: 35.1, high: Infinity },
  systolic: { low: 91, high: 219 },
};

const breaks = (value: number | null, limit: Range | undefined): boolean =>
  value !== null && limit !== undefined && (value < limit.low || value > limit.high);

const valueOf: Readonly<Record<Vital, (reading: Reading) => number | null>> = {
  heart_rate: ({ heartRate }) => heartRate,
  respiratory_rate: ({ respiratoryRate }) => respiratoryRate,
  oxygen_saturation: ({ oxygenSaturation }) => oxygenSaturation,
  temperature_c: ({ temperatureC }) => temperatureC,
  systolic: ({ systolic }) => systolic,
  diastolic: ({ diastolic }) => diastolic,
};
const vitals = Object.keys(valueOf) as Vital[];

/**
 * Whether a reading must not wait: beyond a limit of the workflow definition, or of NEWS2's red scores where the definition
 * has none; no heart beat or breath; a patient who is not alert. Historic readings page nobody and can wait.
 */
export function isCritical(reading: Reading, limits: VitalLimits): boolean {
  if (reading.historic) return false;
  if (hasAlarmingExclusion(reading.excluded) || (reading.consciousness !== null && reading.consciousness !== 'A')) return true;
  return vitals.some((vital) => breaks(valueOf[vital](reading), limits[vital] ?? news2RedScores[vital]));
}
