import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { aMessage, anAvroMessage, exampleMs } from '../../test-support/messages.ts';
import { judgeMessage, type Reading } from './judge-message.ts';
import type { JsonObject } from './read-message.ts';

const arrival = { receivedAtMs: exampleMs + 1000, historicAfterMs: 15 * 60_000 };
const judge = (changes: JsonObject = {}) => judgeMessage(aMessage(changes), arrival);

function readingOf(changes: JsonObject): Reading {
  const judged = judge(changes);
  if (!judged.ok) throw new Error(`refused: ${judged.code}`);
  return judged.reading;
}

const measuring = (measurements: JsonObject, changes: JsonObject = {}) => readingOf({ measurements, ...changes });
const codesOf = (reading: Reading) => reading.excluded.map(({ field, code }) => `${field} ${code}`);

test('the documented example is accepted in our units', () => {
  expect(judge()).toEqual({
    ok: true,
    reading: {
      patientId: 'PAT_12345',
      deviceId: 'MONITOR_001',
      deviceClass: '',
      deviceModel: '',
      observedAt: exampleMs,
      receivedAt: exampleMs + 1000,
      historic: false,
      heartRate: 72,
      respiratoryRate: 16,
      oxygenSaturation: 98,
      temperatureC: 37,
      systolic: 120,
      diastolic: 80,
      supplementalOxygen: null,
      consciousness: null,
      birthYear: null,
      excluded: [],
      flags: [],
      deviceStatus: 'NORMAL',
      hospital: 'General Hospital',
      ward: 'ICU',
      room: '101A',
    },
  });
});

test('the Avro form of a message is judged as its JSON form', () => {
  expect(judgeMessage(anAvroMessage(), arrival)).toEqual(judge());
});

test('optional members are kept, unknown ones allowed', () => {
  const reading = readingOf({
    supplemental_oxygen: true,
    consciousness: 'V',
    birth_year: 1950,
    device_class: 'bedside-monitor',
    device_model: 'X2',
    firmware: { version: 7 },
  });

  expect(reading).toMatchObject({
    supplementalOxygen: true,
    consciousness: 'V',
    birthYear: 1950,
    deviceClass: 'bedside-monitor',
    deviceModel: 'X2',
    excluded: [],
  });
});

test('absent and null measurements are just not measured', () => {
  expect(readingOf({ measurements: null, units: null, consciousness: 'A' })).toMatchObject({ heartRate: null, excluded: [] });
  expect(measuring({ heart_rate: 72, temperature: null, blood_pressure: null })).toMatchObject({
    heartRate: 72,
    temperatureC: null,
    systolic: null,
    respiratoryRate: null,
    excluded: [],
  });
});

test.each([
  ['a number as a string', { heart_rate: '72' }, 'heart_rate NOT_A_NUMBER'],
  ['infinity', { heart_rate: Infinity }, 'heart_rate NOT_A_NUMBER'],
  ['NaN of an Avro message', { heart_rate: Number.NaN }, 'heart_rate NOT_A_NUMBER'],
  ['an object', { respiratory_rate: { value: 16 } }, 'respiratory_rate NOT_A_NUMBER'],
  ['a negative value', { heart_rate: -72 }, 'heart_rate OUT_OF_RANGE'],
  ['an absurd value', { respiratory_rate: 1e9 }, 'respiratory_rate OUT_OF_RANGE'],
  ['a saturation above 100', { oxygen_saturation: 101 }, 'oxygen_saturation OUT_OF_RANGE'],
  ['zero', { heart_rate: 0 }, 'heart_rate ZERO_SIGNAL'],
  ['a temperature of zero', { temperature: 0 }, 'temperature_c ZERO_SIGNAL'],
  ['a temperature of no scale', { temperature: 60 }, 'temperature_c OUT_OF_RANGE'],
])('%s is excluded and the other vitals are kept', (_what, measurement, expected) => {
  const reading = measuring({ oxygen_saturation: 97, ...measurement, systolic: 1, blood_pressure: { systolic: 120, diastolic: 80 } });

  expect(codesOf(reading)).toEqual([expected]);
  expect(reading.systolic).toBe(120);
});

test('an exclusion carries the number as it came, and none where it was no number', () => {
  expect(measuring({ oxygen_saturation: 97, temperature: 20 }).excluded).toEqual([
    { field: 'temperature_c', code: 'OUT_OF_RANGE', rawValue: 20 },
  ]);
  expect(measuring({ oxygen_saturation: 97, heart_rate: '72' }).excluded[0]?.rawValue).toBeNull();
});

test('a temperature that only fits the other unit is converted and flagged', () => {
  expect(measuring({ temperature: 37 })).toMatchObject({ temperatureC: 37, flags: ['TEMPERATURE_UNIT_CONVERTED'], excluded: [] });
  expect(measuring({ temperature: 97.7 }, { units: { temperature: 'Cel' } })).toMatchObject({
    temperatureC: 36.5,
    flags: ['TEMPERATURE_UNIT_CONVERTED'],
  });
  expect(measuring({ temperature: 37 }, { units: { temperature: 'Cel' } })).toMatchObject({ temperatureC: 37, flags: [] });
});

test('a unit that nobody knows excludes its measurement only', () => {
  const reading = measuring({ temperature: 310, heart_rate: 72 }, { units: { temperature: 'K' } });

  expect(reading.excluded).toEqual([{ field: 'temperature_c', code: 'UNKNOWN_UNIT', rawValue: 310 }]);
  expect(reading.heartRate).toBe(72);
});

test('declared units of pressure and saturation are converted', () => {
  const reading = measuring(
    { oxygen_saturation: 0.97, blood_pressure: { systolic: 16, diastolic: 10.6 } },
    { units: { oxygen_saturation: '1', blood_pressure: 'kPa' } },
  );

  expect(reading.oxygenSaturation).toBe(97);
  expect(reading.systolic).toBeCloseTo(120.01, 2);
  expect(reading.diastolic).toBeCloseTo(79.51, 2);
});

test('diastolic at or above systolic: neither is used, because which one is wrong is unknown', () => {
  for (const diastolic of [120, 130]) {
    const reading = measuring({ heart_rate: 72, blood_pressure: { systolic: 120, diastolic } });

    expect(reading).toMatchObject({ systolic: null, diastolic: null });
    expect(reading.excluded).toEqual([
      { field: 'systolic', code: 'DIASTOLIC_NOT_BELOW_SYSTOLIC', rawValue: 120 },
      { field: 'diastolic', code: 'DIASTOLIC_NOT_BELOW_SYSTOLIC', rawValue: diastolic },
    ]);
  }
  expect(measuring({ blood_pressure: { systolic: 801, diastolic: 80 } })).toMatchObject({ systolic: null, diastolic: 80 });
});

test('a pressure written as text was measured and cannot be read', () => {
  expect(codesOf(measuring({ heart_rate: 72, blood_pressure: '120/80' }))).toEqual(['systolic NOT_A_NUMBER', 'diastolic NOT_A_NUMBER']);
});

test('a code outside its set is excluded, the vitals are kept', () => {
  const reading = readingOf({ consciousness: 'X', supplemental_oxygen: 'yes', birth_year: 2060 });

  expect(codesOf(reading)).toEqual(['supplemental_oxygen BAD_CODE', 'consciousness BAD_CODE', 'birth_year BAD_CODE']);
  expect(reading).toMatchObject({ consciousness: null, supplementalOxygen: null, birthYear: null, heartRate: 72 });
  expect(readingOf({ birth_year: 1850 }).birthYear).toBeNull();
  expect(readingOf({ birth_year: '1950' }).birthYear).toBeNull();
});

test.each([
  ['no heart beat', { heart_rate: 0 }, {}],
  ['almost no heart beat', { heart_rate: 12 }, {}],
  ['no breath', { respiratory_rate: 0 }, {}],
  ['a lead that is off', {}, { device_status: 'LEAD_OFF' }],
  ['an unresponsive patient', {}, { consciousness: 'U' }],
])('a message with nothing but %s is accepted: that is an alarm', (_what, measurements, changes) => {
  expect(judge({ measurements, ...changes })).toMatchObject({ ok: true });
});

test.each([
  ['no measurement', {}],
  ['null measurements', { heart_rate: null, temperature: null }],
  ['a dead saturation sensor', { oxygen_saturation: 0 }],
  ['a negative heart rate', { heart_rate: -1 }],
  ['a heart rate as text', { heart_rate: '0' }],
  ['an absurd heart rate', { heart_rate: 900 }],
])('a message with nothing but %s is refused', (_what, measurements) => {
  expect(judge({ measurements })).toMatchObject({ ok: false, code: 'NO_USABLE_FIELD' });
});

test('a refusal for want of anything usable names every bad field by its path', () => {
  const judged = judge({ measurements: { heart_rate: '72', temperature: 0, blood_pressure: 7 }, birth_year: 0 });

  expect(judged).toMatchObject({
    problems: [
      { field: 'measurements', code: 'NO_USABLE_FIELD' },
      { field: 'measurements.heart_rate', code: 'NOT_A_NUMBER' },
      { field: 'measurements.temperature', code: 'ZERO_SIGNAL' },
      { field: 'measurements.blood_pressure.systolic', code: 'NOT_A_NUMBER' },
      { field: 'measurements.blood_pressure.diastolic', code: 'NOT_A_NUMBER' },
      { field: 'birth_year', code: 'BAD_CODE' },
    ],
  });
});

test('with a lead off zeros are that and no asystole, in whatever spelling', () => {
  for (const device_status of ['LEAD_OFF', 'Lead off', ' leads-off ']) {
    expect(measuring({ heart_rate: 0, oxygen_saturation: 97 }, { device_status })).toMatchObject({
      deviceStatus: 'LEAD_OFF',
      flags: ['LEAD_OFF'],
      excluded: [{ field: 'heart_rate', code: 'LEAD_OFF', rawValue: 0 }],
    });
  }
  expect(readingOf({ device_status: 'BATTERY LOW' }).deviceStatus).toBe('BATTERY LOW');
  expect(readingOf({ device_status: 7 }).deviceStatus).toBe('');
});

test.each([
  ['no device', { device_id: undefined }, 'MISSING_ID', 'device_id'],
  ['no patient', { patient_id: null }, 'MISSING_ID', 'patient_id'],
  ['an identifier of 10 kB', { device_id: 'x'.repeat(10_240) }, 'BAD_ID', 'device_id'],
  ['a control character', { patient_id: 'PAT\u0007' }, 'BAD_ID', 'patient_id'],
  ['no timestamp', { timestamp: undefined }, 'BAD_TIMESTAMP', 'timestamp'],
  ['a timestamp without zone', { timestamp: '2024-03-15T14:30:00' }, 'BAD_TIMESTAMP', 'timestamp'],
  ['a number as timestamp', { timestamp: 1710513000 }, 'BAD_SHAPE', 'timestamp'],
  ['a clock more than 5 min ahead', { timestamp: '2024-03-15T14:35:01.001Z' }, 'TIMESTAMP_AHEAD', 'timestamp'],
  ['measurements as an array', { measurements: [72] }, 'BAD_SHAPE', 'measurements'],
  ['units as text', { units: 'metric' }, 'BAD_SHAPE', 'units'],
])('%s is refused', (_what, changes, code, field) => {
  expect(judge(changes)).toEqual({ ok: false, code, problems: [{ field, code }] });
});

test('every problem of a message is named, the first gives the code', () => {
  expect(judge({ device_id: '', timestamp: 'now', measurements: 7 })).toEqual({
    ok: false,
    code: 'MISSING_ID',
    problems: [
      { field: 'device_id', code: 'MISSING_ID' },
      { field: 'timestamp', code: 'BAD_TIMESTAMP' },
      { field: 'measurements', code: 'BAD_SHAPE' },
    ],
  });
});

test('up to 5 min ahead is a clock that drifts, beyond 15 min old is history, from 1970 on', () => {
  expect(readingOf({ timestamp: '2024-03-15T14:35:01Z' }).historic).toBe(false);
  expect(readingOf({ timestamp: '2024-03-15T14:15:01Z' }).historic).toBe(false);
  expect(readingOf({ timestamp: '2024-03-15T14:15:00.999Z' }).historic).toBe(true);
  expect(readingOf({ timestamp: '1970-01-01T00:00:00Z' })).toMatchObject({ observedAt: 0, historic: true });
});

test('a leap second is flagged; a message id that is none is ignored and flagged', () => {
  expect(readingOf({ timestamp: '2016-12-31T23:59:60Z' }).flags).toEqual(['LEAP_SECOND_CLAMPED']);
  expect(readingOf({ message_id: { a: 1 } }).flags).toEqual(['MESSAGE_ID_IGNORED']);
  expect(readingOf({ message_id: 'm1' }).flags).toEqual([]);
  expect(readingOf({ message_id: 7 }).flags).toEqual([]);
});

test('a location that is none is ignored, one with control characters cleaned', () => {
  expect(readingOf({ location: 'ICU' }).ward).toBe('');
  expect(readingOf({ location: { ward: 'I\u0000CU' } })).toMatchObject({ ward: 'I CU', room: '' });
});

test('whatever a message holds: accepted values are plausible, and nothing measured vanishes', () => {
  const value = fc.oneof(fc.double(), fc.integer({ min: -10, max: 400 }), fc.string(), fc.constant(null), fc.constant(undefined));
  const measurements = fc.record({
    heart_rate: value,
    respiratory_rate: value,
    oxygen_saturation: value,
    temperature: value,
    blood_pressure: fc.record({ systolic: value, diastolic: value }),
  });
  fc.assert(
    fc.property(measurements, (measured) => {
      const judged = judge({ measurements: measured, consciousness: 'A' });
      if (!judged.ok) throw new Error('the level of consciousness is usable');
      const { reading } = judged;
      const pairs = [
        [measured.heart_rate, reading.heartRate, 'heart_rate'],
        [measured.respiratory_rate, reading.respiratoryRate, 'respiratory_rate'],
        [measured.oxygen_saturation, reading.oxygenSaturation, 'oxygen_saturation'],
        [measured.temperature, reading.temperatureC, 'temperature_c'],
        [measured.blood_pressure.systolic, reading.systolic, 'systolic'],
        [measured.blood_pressure.diastolic, reading.diastolic, 'diastolic'],
      ] as const;
      for (const [raw, accepted, vital] of pairs) {
        const excluded = reading.excluded.filter(({ field }) => field === vital).length;
        const wasMeasured = raw !== null && raw !== undefined;
        expect((accepted === null ? 0 : 1) + excluded).toBe(wasMeasured ? 1 : 0);
      }
      if (reading.systolic !== null && reading.diastolic !== null) expect(reading.diastolic).toBeLessThan(reading.systolic);
      if (reading.temperatureC !== null) expect(reading.temperatureC >= 25 && reading.temperatureC <= 45).toBe(true);
    }),
  );
});
