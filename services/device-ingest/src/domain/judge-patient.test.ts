import { expect, test } from '@jest/globals';
import { judgePatient } from './judge-patient.ts';
import type { JsonObject } from './read-message.ts';

const receivedAtMs = Date.UTC(2024, 2, 15, 14, 30);
const dayMs = 86_400_000;

const aPatient = (changes: JsonObject = {}): JsonObject => ({
  patient_id: 'PAT_12345',
  birth_date: '1950-07-04',
  sex: 'F',
  name: 'Jane Roe',
  phone: '555-0100',
  address: '1 Main Street',
  zip: '02139-4307',
  mrn: 'MRN1',
  ssn: '078-05-1120',
  ...changes,
});
const judge = (changes: JsonObject = {}) => judgePatient(aPatient(changes), receivedAtMs);

test('an entry is split into what the fleet may know and what identifies', () => {
  expect(judge({ favourite_colour: 'blue' })).toEqual({
    ok: true,
    entry: {
      patientId: 'PAT_12345',
      birthDate: Date.UTC(1950, 6, 4) / dayMs,
      sex: 'female',
      zip: '02139',
      identity: {
        patient_id: 'PAT_12345',
        birth_date: '1950-07-04',
        name: 'Jane Roe',
        phone: '555-0100',
        address: '1 Main Street',
        zip: '02139-4307',
        mrn: 'MRN1',
        ssn: '078-05-1120',
      },
    },
  });
});

test('an identifier alone is enough', () => {
  expect(judgePatient({ patient_id: 'P', name: null, phone: '' }, receivedAtMs)).toEqual({
    ok: true,
    entry: { patientId: 'P', birthDate: null, sex: 'unknown', zip: null, identity: { patient_id: 'P' } },
  });
});

test.each([
  ['male', 'male'],
  ['M', 'male'],
  [' Female ', 'female'],
  ['o', 'other'],
  ['U', 'unknown'],
  ['x', 'unknown'],
  [null, 'unknown'],
])('sex %j is %s', (sex, expected) => {
  expect(judge({ sex })).toMatchObject({ entry: { sex: expected } });
});

test.each([
  ['2139', null],
  ['SW1A 1AA', null],
  ['10001', '10001'],
])('the ZIP code of %s is %j', (zip, expected) => {
  expect(judge({ zip })).toMatchObject({ entry: { zip: expected } });
});

test.each([
  ['2024-03-16', 'in the future'],
  ['1950-02-30', 'no date of the calendar'],
  ['1950-7-4', 'not padded'],
  ['04.07.1950', 'in another order'],
  ['1850-01-01', 'of no living person'],
  ['1950-07-04T00:00:00Z', 'a timestamp'],
])('the birth date %s, %s, is refused', (birth_date) => {
  expect(judge({ birth_date })).toEqual({ ok: false, code: 'BAD_BIRTH_DATE', problems: [{ field: 'birth_date', code: 'BAD_BIRTH_DATE' }] });
});

test('born today is a date in the past', () => {
  expect(judge({ birth_date: '2024-03-15' })).toMatchObject({ ok: true });
});

test('every problem is named, the first gives the code', () => {
  expect(judge({ patient_id: 'PAT\u0000', zip: 2139, birth_date: 'soon', sex: 1 })).toEqual({
    ok: false,
    code: 'BAD_ID',
    problems: [
      { field: 'patient_id', code: 'BAD_ID' },
      { field: 'zip', code: 'BAD_SHAPE' },
      { field: 'sex', code: 'BAD_SHAPE' },
      { field: 'birth_date', code: 'BAD_BIRTH_DATE' },
    ],
  });
});

test('a text that no name or address has is refused: sealed it would not fit its topic', () => {
  expect(judge({ address: 'x'.repeat(4096) })).toMatchObject({ ok: true });
  expect(judge({ address: 'x'.repeat(4097) })).toEqual({
    ok: false,
    code: 'BAD_SHAPE',
    problems: [{ field: 'address', code: 'BAD_SHAPE' }],
  });
});
