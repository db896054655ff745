import { hashId } from '@vigil/core';
import type { ExcludedField, ReadingAccepted } from '@vigil/contracts';
import type { DeviceMessage } from '@vigil/testing';

/** What can be a measurement at all; device-ingest judges messages in the fleet, and services do not import each other. */
const plausible: Readonly<Record<string, readonly [low: number, high: number]>> = {
  heart_rate: [20, 300],
  respiratory_rate: [3, 70],
  oxygen_saturation: [50, 100],
  temperature_c: [25, 45],
  systolic: [40, 300],
  diastolic: [20, 200],
};

/** A recorded message as device-ingest would accept it. */
export function judgeMessage(message: DeviceMessage): ReadingAccepted {
  const excluded: ExcludedField[] = [];
  const judge = (field: string, value: number | null): number | null => {
    const [low, high] = plausible[field] as [number, number];
    if (value === null || (value >= low && value <= high)) return value;
    excluded.push({ field, code: value === 0 ? 'ZERO_SIGNAL' : 'OUT_OF_RANGE', rawValue: value });
    return null;
  };
  const { measurements } = message;
  let systolic = judge('systolic', measurements.blood_pressure.systolic);
  let diastolic = judge('diastolic', measurements.blood_pressure.diastolic);
  if (systolic !== null && diastolic !== null && diastolic >= systolic) {
    const code = 'DIASTOLIC_NOT_BELOW_SYSTOLIC';
    excluded.push({ field: 'systolic', code, rawValue: systolic }, { field: 'diastolic', code, rawValue: diastolic });
    systolic = null;
    diastolic = null;
  }
  const observedAt = Date.parse(message.timestamp);
  return {
    eventId: hashId('replay', message.message_id),
    patientToken: `t1.${message.patient_id}`,
    deviceId: message.device_id,
    deviceClass: message.device_class,
    deviceModel: '',
    observedAt,
    receivedAt: observedAt + 1000,
    historic: false,
    heartRate: judge('heart_rate', measurements.heart_rate),
    respiratoryRate: judge('respiratory_rate', measurements.respiratory_rate),
    oxygenSaturation: judge('oxygen_saturation', measurements.oxygen_saturation),
    temperatureC: judge('temperature_c', measurements.temperature),
    systolic,
    diastolic,
    supplementalOxygen: null,
    consciousness: null,
    birthYear: message.birth_year ?? null,
    excluded,
    flags: [],
    deviceStatus: message.device_status,
    hospital: message.location.hospital,
    ward: message.location.ward,
    room: message.location.room,
  };
}
