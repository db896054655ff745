import type { ErrorCode } from '@vigil/core';
import type { ReadingAccepted } from '@vigil/contracts';
import { displayTextOf, repeatedDisplayText } from './identifiers.ts';
import { judgeEnvelope, type Envelope, type Problem } from './judge-envelope.ts';
import { exclude, hasAlarmingExclusion, hasVital, judgeMeasurements, type Measured } from './judge-measurements.ts';
import { isLeapSecond } from './parse-timestamp.ts';
import { isJsonObject, type JsonObject } from './read-message.ts';

/** A device message in Vigil's units, before its identity is replaced by a token. */
export type Reading = Omit<ReadingAccepted, 'eventId' | 'patientToken'> & { readonly patientId: string };

export type Judgement =
  | { readonly ok: true; readonly reading: Reading }
  | { readonly ok: false; readonly code: ErrorCode; readonly problems: readonly Problem[] };

export interface Arrival {
  /** When Kafka took the message, milliseconds since the epoch; of a requeued one, when it was first taken. */
  readonly receivedAtMs: number;
  /** A reading older than this at its arrival is historic: recorded, never paged. */
  readonly historicAfterMs: number;
}

const earliestBirthYear = 1880;
const acvpu = new Set<unknown>(['A', 'C', 'V', 'P', 'U']);
const noMembers: JsonObject = Object.freeze({});

const nothingMeasured = (): Measured => ({
  heartRate: null,
  respiratoryRate: null,
  oxygenSaturation: null,
  temperatureC: null,
  systolic: null,
  diastolic: null,
  excluded: [],
  flags: [],
});

/** `LEAD_OFF`, `Lead off`, `leads-off`; whatever else a monitor says of itself is its own affair. */
const isLeadOff = (status: unknown): boolean =>
  typeof status === 'string' && status !== 'NORMAL' && /^\s*leads?[\s_-]*off\s*$/i.test(status);

function consciousnessOf(value: unknown, into: Measured): string | null {
  if (value === undefined || value === null || value === '') return null;
  return acvpu.has(value) ? (value as string) : exclude(into, 'consciousness', 'BAD_CODE', value);
}

function oxygenOf(value: unknown, into: Measured): boolean | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'boolean' ? value : exclude(into, 'supplemental_oxygen', 'BAD_CODE', value);
}

function birthYearOf(value: unknown, observedAt: number, into: Measured): number | null {
  if (value === undefined || value === null) return null;
  const possible = Number.isInteger(value) && Number(value) >= earliestBirthYear && Number(value) <= new Date(observedAt).getUTCFullYear();
  return possible ? Number(value) : exclude(into, 'birth_year', 'BAD_CODE', value);
}

function noteFlags(message: JsonObject, timestamp: string, into: Measured): void {
  if (isLeapSecond(timestamp)) into.flags.push('LEAP_SECOND_CLAMPED');
  const id = message['message_id'];
  if (id !== undefined && id !== null && typeof id !== 'string' && typeof id !== 'number') into.flags.push('MESSAGE_ID_IGNORED');
}

/** Where a sender finds what was excluded. */
const senderPaths: Readonly<Record<string, string>> = {
  heart_rate: 'measurements.heart_rate',
  respiratory_rate: 'measurements.respiratory_rate',
  oxygen_saturation: 'measurements.oxygen_saturation',
  temperature_c: 'measurements.temperature',
  systolic: 'measurements.blood_pressure.systolic',
  diastolic: 'measurements.blood_pressure.diastolic',
};

function refuseUnusable(measured: Measured): Judgement {
  const excluded = measured.excluded.map(({ field, code }) => ({ field: senderPaths[field] ?? field, code }));
  return { ok: false, code: 'NO_USABLE_FIELD', problems: [{ field: 'measurements', code: 'NO_USABLE_FIELD' }, ...excluded] };
}

const deviceClassOf = repeatedDisplayText();
const deviceModelOf = repeatedDisplayText();
const deviceStatusOf = repeatedDisplayText();
const hospitalOf = repeatedDisplayText();

interface Observed {
  readonly supplementalOxygen: boolean | null;
  readonly consciousness: string | null;
  readonly birthYear: number | null;
  readonly leadOff: boolean;
}

function readingOf(message: JsonObject, envelope: Envelope, measured: Measured, observed: Observed, arrival: Arrival): Reading {
  const location = message['location'];
  const place = isJsonObject(location) ? location : noMembers;
  return {
    patientId: envelope.patientId,
    deviceId: envelope.deviceId,
    deviceClass: deviceClassOf(message['device_class']),
    deviceModel: deviceModelOf(message['device_model']),
    observedAt: envelope.observedAt,
    receivedAt: arrival.receivedAtMs,
    historic: arrival.receivedAtMs - envelope.observedAt > arrival.historicAfterMs,
    heartRate: measured.heartRate,
    respiratoryRate: measured.respiratoryRate,
    oxygenSaturation: measured.oxygenSaturation,
    temperatureC: measured.temperatureC,
    systolic: measured.systolic,
    diastolic: measured.diastolic,
    supplementalOxygen: observed.supplementalOxygen,
    consciousness: observed.consciousness,
    birthYear: observed.birthYear,
    excluded: measured.excluded,
    flags: measured.flags,
    deviceStatus: observed.leadOff ? 'LEAD_OFF' : deviceStatusOf(message['device_status']),
    hospital: hospitalOf(place['hospital']),
    ward: displayTextOf(place['ward']),
    room: displayTextOf(place['room']),
  };
}

/**
 * Judges a device message, parsed JSON or a decoded Avro value: identifiers, time, units, plausibility.
 *
 * A measurement that cannot be meant is excluded and the others are kept. The whole message is refused only when it cannot
 * be told whose it is or of when, or when nothing of it can be used and nothing is an alarm by itself: no or almost no heart
 * beat, no breath, a lead that is off. A valid level of consciousness counts as usable: it alone can call a doctor.
 */
export function judgeMessage(message: JsonObject, arrival: Arrival): Judgement {
  const judged = judgeEnvelope(message, arrival.receivedAtMs);
  if (!judged.ok) return { ok: false, code: (judged.problems[0] as Problem).code as ErrorCode, problems: judged.problems };

  const { envelope } = judged;
  const measured = nothingMeasured();
  const leadOff = isLeadOff(message['device_status']);
  if (leadOff) measured.flags.push('LEAD_OFF');
  judgeMeasurements(envelope.measurements, { measured, units: envelope.units, leadOff });
  const observed = {
    supplementalOxygen: oxygenOf(message['supplemental_oxygen'], measured),
    consciousness: consciousnessOf(message['consciousness'], measured),
    birthYear: birthYearOf(message['birth_year'], envelope.observedAt, measured),
    leadOff,
  };
  noteFlags(message, envelope.timestamp, measured);
  if (!hasVital(measured) && observed.consciousness === null && !leadOff && !hasAlarmingExclusion(measured.excluded))
    return refuseUnusable(measured);
  return { ok: true, reading: readingOf(message, envelope, measured, observed, arrival) };
}
