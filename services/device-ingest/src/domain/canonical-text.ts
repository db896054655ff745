import { isJsonObject, type JsonObject } from './read-message.ts';

/** One text for each value, however it was written; every part ends itself, so that no content can imitate structure. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return `${value.length}:${value}`;
  if (typeof value === 'number') return `n${value};`;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return Array.isArray(value) ? `[${value.map(textOf).join('')}]` : membersText((value as JsonObject | null) ?? {});
}

/** Members in order of their keys, without those that say nothing (null, "", {}). */
function membersText(members: JsonObject): string {
  let text = '';
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member === null || member === undefined || member === '') continue;
    const written = textOf(member);
    if (written !== '{}') text += `${key.length}:${key}${written}`;
  }
  return `{${text}}`;
}

const topLevel = new Set([
  'device_id',
  'patient_id',
  'timestamp',
  'message_id',
  'sequence',
  'measurements',
  'units',
  'supplemental_oxygen',
  'consciousness',
  'birth_year',
  'device_status',
  'device_class',
  'device_model',
  'location',
]);
const ofMeasurements = new Set(['heart_rate', 'respiratory_rate', 'temperature', 'oxygen_saturation', 'blood_pressure']);
const ofPressure = new Set(['systolic', 'diastolic']);
const ofLocation = new Set(['hospital', 'ward', 'room']);

const noMembers: JsonObject = Object.freeze({});
const objectIn = (value: unknown): JsonObject => (isJsonObject(value) ? value : noMembers);
/** What stands where an object is expected and is none. */
const misplaced = (value: unknown): unknown => (isJsonObject(value) ? null : value);
const said = (value: unknown): unknown => (value === '' || value === undefined ? null : value);

/** Everything documented, at fixed places. */
function documentedValues(message: JsonObject): unknown[] {
  const { measurements, location, units } = message;
  const measured = objectIn(measurements);
  const pressure = objectIn(measured['blood_pressure']);
  const place = objectIn(location);
  return [
    said(message['device_id']),
    said(message['patient_id']),
    said(message['timestamp']),
    said(message['message_id']),
    said(message['sequence']),
    said(measured['heart_rate']),
    said(measured['respiratory_rate']),
    said(measured['temperature']),
    said(measured['oxygen_saturation']),
    said(pressure['systolic']),
    said(pressure['diastolic']),
    said(message['supplemental_oxygen']),
    said(message['consciousness']),
    said(message['birth_year']),
    said(message['device_status']),
    said(message['device_class']),
    said(message['device_model']),
    said(place['hospital']),
    said(place['ward']),
    said(place['room']),
    isJsonObject(units) ? membersText(units) : '{}',
    said(misplaced(measured['blood_pressure'])),
    said(misplaced(location)),
  ];
}

function hasOnly(object: JsonObject, names: ReadonlySet<string>): boolean {
  for (const key in object) if (!names.has(key)) return false;
  return true;
}

function hasOnlyDocumented(message: JsonObject): boolean {
  const measured = objectIn(message['measurements']);
  return (
    hasOnly(message, topLevel) &&
    hasOnly(measured, ofMeasurements) &&
    hasOnly(objectIn(measured['blood_pressure']), ofPressure) &&
    hasOnly(objectIn(message['location']), ofLocation)
  );
}

const undocumentedText = (object: JsonObject, names: ReadonlySet<string>): string =>
  membersText(Object.fromEntries(Object.entries(object).filter(([key]) => !names.has(key))));

function undocumentedTexts(message: JsonObject): string[] {
  const measured = objectIn(message['measurements']);
  return [
    undocumentedText(message, topLevel),
    undocumentedText(measured, ofMeasurements),
    undocumentedText(objectIn(measured['blood_pressure']), ofPressure),
    undocumentedText(objectIn(message['location']), ofLocation),
  ];
}

/** What `JSON.stringify` tells apart; it would write NaN and infinity as null, which is a vital that was not measured. */
const isScalar = (value: unknown): boolean =>
  typeof value === 'number' ? Number.isFinite(value) : typeof value !== 'object' || value === null;

function hasOnlyScalars(values: readonly unknown[]): boolean {
  for (const value of values) if (!isScalar(value)) return false;
  return true;
}

const scalarOf = (value: unknown): unknown => (isScalar(value) ? value : [textOf(value)]);

/**
 * One text for all ways to write the same message: the order of keys, the form of numbers, and absent against null or
 * empty make no difference, so that the JSON and the Avro form of one message agree; any other difference does.
 *
 * The documented members stand at fixed places; sorting the keys of every message would cost more than parsing it. Only a
 * message with members of its own takes that way.
 */
export function canonicalText(message: JsonObject): string {
  const values = documentedValues(message);
  const plain = JSON.stringify(hasOnlyScalars(values) ? values : values.map(scalarOf));
  if (hasOnlyDocumented(message)) return plain;
  const own = undocumentedTexts(message);
  return own.every((text) => text === '{}') ? plain : plain + own.join('');
}
