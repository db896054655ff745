import type { ExcludedField } from '@vigil/contracts';
import { isPlausible, plausibleRanges, type Vital } from './plausibility.ts';
import { isJsonObject, type JsonObject } from './read-message.ts';
import { celsiusOfFahrenheit, conversionOf, type Measurement } from './units.ts';

/** Data-quality events of a reading, constant names. */
export type Flag = 'TEMPERATURE_UNIT_CONVERTED' | 'LEAD_OFF' | 'LEAP_SECOND_CLAMPED' | 'MESSAGE_ID_IGNORED';

/** The vitals of one message in stored units; null = not measured or excluded. Filled in place: there is one per record. */
export interface Measured {
  heartRate: number | null;
  respiratoryRate: number | null;
  oxygenSaturation: number | null;
  temperatureC: number | null;
  systolic: number | null;
  diastolic: number | null;
  readonly excluded: ExcludedField[];
  readonly flags: Flag[];
}

export interface Measuring {
  readonly measured: Measured;
  readonly units: JsonObject;
  /** The device says that a lead is off: its zeros are that, and no asystole. */
  readonly leadOff: boolean;
}

const noMembers: JsonObject = Object.freeze({});

const finiteOrNull = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

export const exclude = (into: Measured, field: string, code: string, value?: unknown): null => {
  into.excluded.push({ field, code, rawValue: finiteOrNull(value) });
  return null;
};

function whyImplausible(value: number, leadOff: boolean): string {
  if (value !== 0) return 'OUT_OF_RANGE';
  return leadOff ? 'LEAD_OFF' : 'ZERO_SIGNAL';
}

/** The value in its stored unit, null where it is absent, or where it is excluded and noted so. */
function judge(vital: Vital, measurement: Measurement, raw: unknown, { measured, units, leadOff }: Measuring): number | null {
  if (raw === undefined || raw === null) return null;
  if (typeof raw !== 'number' || !Number.isFinite(raw)) return exclude(measured, vital, 'NOT_A_NUMBER');
  const convert = conversionOf(measurement, units[measurement]);
  if (convert === undefined) return exclude(measured, vital, 'UNKNOWN_UNIT', raw);
  const value = convert(raw);
  if (isPlausible(vital, value)) return value;
  if (vital === 'temperature_c' && raw !== 0) {
    const other = convert(raw) === raw ? celsiusOfFahrenheit(raw) : raw;
    if (isPlausible(vital, other)) {
      measured.flags.push('TEMPERATURE_UNIT_CONVERTED');
      return other;
    }
  }
  return exclude(measured, vital, whyImplausible(raw, leadOff), raw);
}

/** A pressure that is no object (`"120/80"`) was measured and cannot be read: both of its values are excluded. */
function pressureOf(raw: unknown, { measured }: Measuring): JsonObject {
  if (raw === undefined || raw === null) return noMembers;
  if (isJsonObject(raw)) return raw;
  exclude(measured, 'systolic', 'NOT_A_NUMBER');
  exclude(measured, 'diastolic', 'NOT_A_NUMBER');
  return noMembers;
}

/** Diastolic at or above systolic: swapped, or an artefact. Which of the two is wrong cannot be known, so neither is used. */
function judgePressure(raw: unknown, measuring: Measuring): void {
  const { measured } = measuring;
  const pressure = pressureOf(raw, measuring);
  measured.systolic = judge('systolic', 'blood_pressure', pressure['systolic'], measuring);
  measured.diastolic = judge('diastolic', 'blood_pressure', pressure['diastolic'], measuring);
  if (measured.systolic === null || measured.diastolic === null || measured.diastolic < measured.systolic) return;
  measured.systolic = exclude(measured, 'systolic', 'DIASTOLIC_NOT_BELOW_SYSTOLIC', pressure['systolic']);
  measured.diastolic = exclude(measured, 'diastolic', 'DIASTOLIC_NOT_BELOW_SYSTOLIC', pressure['diastolic']);
}

/**
 * Judges every measurement of a message: its type, its unit, its plausibility. A bad one is excluded with its code and
 * raw value, the others are kept.
 */
export function judgeMeasurements(measurements: JsonObject, measuring: Measuring): void {
  const { measured } = measuring;
  measured.heartRate = judge('heart_rate', 'heart_rate', measurements['heart_rate'], measuring);
  measured.respiratoryRate = judge('respiratory_rate', 'respiratory_rate', measurements['respiratory_rate'], measuring);
  measured.oxygenSaturation = judge('oxygen_saturation', 'oxygen_saturation', measurements['oxygen_saturation'], measuring);
  measured.temperatureC = judge('temperature_c', 'temperature', measurements['temperature'], measuring);
  judgePressure(measurements['blood_pressure'], measuring);
}

export const hasVital = (measured: Measured): boolean =>
  measured.heartRate !== null ||
  measured.respiratoryRate !== null ||
  measured.oxygenSaturation !== null ||
  measured.temperatureC !== null ||
  measured.systolic !== null ||
  measured.diastolic !== null;

/**
 * Whether something excluded is an alarm by itself: no or almost no heart beat, no breath.
 *
 * @see docs/architecture.md, "Plausibility": technical alarm for heart rate 0 or below 20, respiratory rate 0
 */
export const hasAlarmingExclusion = (excluded: readonly ExcludedField[]): boolean =>
  excluded.some(
    ({ field, rawValue }) =>
      rawValue !== null &&
      ((field === 'heart_rate' && rawValue >= 0 && rawValue < plausibleRanges.heart_rate.low) ||
        (field === 'respiratory_rate' && rawValue === 0)),
  );
