import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { identityContext, topics, type IdentityObserved, type OutcomeRecorded, type VisitRecorded } from '@vigil/contracts';
import { tokenOf, unseal, type NamedKey } from '@vigil/core';
import type { SourcedRow } from '@vigil/sources';
import type { Mapped } from '../job/batch-job.ts';
import { createTrialMapper } from './map-trial.ts';
import { createVisitMapper } from './map-visit.ts';
import type { MapperRules } from './mapper-rules.ts';

const tokenKey: NamedKey = { id: 't1', secret: Buffer.alloc(32, 1) };
const dataKey: NamedKey = { id: 'k1', secret: Buffer.alloc(32, 2) };
const rules: MapperRules = {
  tokenKey,
  dataKey,
  random: randomBytes,
  source: 'ehr_sftp',
  fileId: 'f1',
  startedAtMs: Date.UTC(2024, 2, 20),
};

const aVisit = {
  patient_id: 'PAT_12345',
  visit_date: '2024-03-15',
  diagnosis_code: 'E11.9',
  diagnosis_description: 'Type 2 diabetes mellitus without complications',
  treatment_code: 'MED002',
  physician_id: 'DOC_002',
  department: 'Endocrinology',
};
const placed = <Item>(item: Item, line = 2) => ({ item, line, position: String(line), place: `line ${line}` });
const map = (changes: Readonly<Record<string, string>> = {}): Mapped => createVisitMapper(rules)(placed({ ...aVisit, ...changes }));

function visitOf(mapped: Mapped): VisitRecorded {
  if (mapped.kind !== 'records') throw new Error(JSON.stringify(mapped));
  return mapped.records[0]!.value as VisitRecorded;
}

/** 2024-03-15 is 54 years and 14 leap days (13 to 2020, one in 2024) after the epoch: 19,723 days to 1 January and 74 more. */
const visitDay = 19_723 + 74;

test('a visit becomes a record under the token that every stage gives its patient', () => {
  const mapped = map();

  expect(visitOf(mapped)).toEqual({
    visitId: expect.stringMatching(/^[0-9a-f]{32}$/),
    patientToken: tokenOf(tokenKey, 'patient', 'PAT_12345'),
    visitDate: visitDay,
    visitedAt: Date.UTC(2024, 2, 15),
    diagnosisCode: 'E119',
    diagnosisDescription: 'Type 2 diabetes mellitus without complications',
    treatmentCode: 'MED002',
    physicianId: 'DOC_002',
    department: 'Endocrinology',
    departmentClass: 'endocrinology',
    extras: {},
    source: 'ehr_sftp',
    fileId: 'f1',
    line: 2,
  });
  expect(mapped).toMatchObject({
    records: [{ topic: topics.visitRecorded, key: visitOf(mapped).patientToken }, { topic: topics.identityObserved }],
  });
});

test('what identifies goes sealed to its own topic, once, and nothing of it into the visit', () => {
  const mapVisit = createVisitMapper(rules);
  const row = { ...aVisit, patient_name: 'Jane Canary', SSN: '123-45-6789', ward_round: 'early' };
  const mapped = mapVisit(placed(row));
  const { patientToken, extras } = visitOf(mapped);
  const [, identity] = (mapped as Extract<Mapped, { kind: 'records' }>).records;
  const { sealed } = identity!.value as IdentityObserved;

  expect(extras).toEqual({ ward_round: 'early' });
  expect(JSON.parse(unseal(dataKey, identityContext(patientToken, 'k1'), sealed).toString())).toEqual({
    patient_id: 'PAT_12345',
    name: 'Jane Canary',
    ssn: '123-45-6789',
  });
  expect(identity!.key).toBe(`${patientToken} claims name+patient_id+ssn`);
  expect(mapVisit(placed(row))).toMatchObject({ records: [{ topic: topics.visitRecorded }] });
  expect(mapVisit(placed({ ...row, patient_name: 'Jane Smith' }))).toMatchObject({ records: [{}, { topic: topics.identityObserved }] });
});

test('however a hospital writes the column of a name or an address, it does not stay among the extras', () => {
  const mapped = map({ 'First Name': 'Jane', 'LAST-NAME': 'Canary', email: 'jane@example.org', zip_code: '94305', Member_ID: 'M1', ward_round: 'early' });
  const [, identity] = (mapped as Extract<Mapped, { kind: 'records' }>).records;
  const { patientToken, sealed } = identity!.value as IdentityObserved;

  expect(visitOf(mapped).extras).toEqual({ ward_round: 'early' });
  expect(JSON.parse(unseal(dataKey, identityContext(patientToken, 'k1'), sealed).toString())).toEqual({
    patient_id: 'PAT_12345', given_name: 'Jane', family_name: 'Canary', email: 'jane@example.org', zip: '94305', member_id: 'M1',
  });
}); // prettier-ignore

test('the same visit in another file has one id; another day, code, physician or department has another', () => {
  const again = createVisitMapper({ ...rules, fileId: 'f2' })(placed({ ...aVisit, diagnosis_code: 'e119', extra: 'x' }, 9));
  const others = [{ visit_date: '2024-03-14' }, { diagnosis_code: 'E118' }, { treatment_code: 'MED003' }, { physician_id: 'D' }, { department: 'ER' }];

  expect(visitOf(again).visitId).toBe(visitOf(map()).visitId);
  expect(new Set([{}, ...others].map((changes) => visitOf(map(changes)).visitId)).size).toBe(6);
}); // prettier-ignore

test.each<[string, Readonly<Record<string, string>>, string, string]>([
  ['no patient', { patient_id: '' }, 'MISSING_ID', 'patient_id'],
  ['a patient with a control character', { patient_id: 'PAT\n1' }, 'BAD_ID', 'patient_id'],
  ['no date', { visit_date: '' }, 'MISSING_FIELD', 'visit_date'],
  ['the American form of a date', { visit_date: '03/15/2024' }, 'BAD_DATE', 'visit_date'],
  ['30 February', { visit_date: '2024-02-30' }, 'BAD_DATE', 'visit_date'],
  ['the day after tomorrow', { visit_date: '2024-03-22' }, 'BAD_DATE', 'visit_date'],
  ['a time of day', { visit_date: '2024-03-15T14:30:00Z' }, 'BAD_DATE', 'visit_date'],
  ['a word for a diagnosis', { diagnosis_code: 'hypertension' }, 'BAD_CODE', 'diagnosis_code'],
  ['a dot in the wrong place', { diagnosis_code: 'E1.19' }, 'BAD_CODE', 'diagnosis_code'],
  ['ICD-9', { diagnosis_code: '250.00' }, 'BAD_CODE', 'diagnosis_code'],
])('a row with %s is rejected with code and field, its values only in its bytes', (_what, changes, code, field) => {
  const mapped = map(changes) as Extract<Mapped, { kind: 'rejected' }>;

  expect(mapped).toMatchObject({ kind: 'rejected', code, field });
  expect(JSON.parse(mapped.bytes.toString())).toEqual({ ...aVisit, ...changes });
  for (const value of Object.values({ ...aVisit, ...changes })) if (value !== '') expect(mapped.detail).not.toContain(value);
});

test('tomorrow is accepted: it may have begun where the row was written; midnight is the day', () => {
  expect(visitOf(map({ visit_date: '2024-03-21' })).visitDate).toBe(visitDay + 6);
  expect(visitOf(map({ visit_date: '2024-03-15T00:00:00.000Z' })).visitDate).toBe(visitDay);
});

test('a treatment that has not the form of a code stays among the extras', () => {
  expect(visitOf(map({ treatment_code: 'rest at home' }))).toMatchObject({ treatmentCode: '', extras: { treatment_code: 'rest at home' } });
  expect(visitOf(map({ treatment_code: '99213', diagnosis_code: '' }))).toMatchObject({ treatmentCode: '99213', diagnosisCode: '' });
});

test.each([
  ['ICU', 'intensive-care'],
  ['St Mary Cardiology West', 'cardiology'],
  ['General Surgery', 'surgery'],
  ['Ward 7', 'other'],
  ['', 'other'],
])('the department %s is of the class %s', (department, departmentClass) => {
  expect(visitOf(map({ department })).departmentClass).toBe(departmentClass);
});

const aTrialRow = {
  trial_id: 'NCT01234567',
  patient_id: 'PAT_12345',
  enrollment_date: '2024-03-15',
  treatment_arm: 'Placebo',
  primary_endpoint_value: '12.3450',
  secondary_endpoints: '{"hba1c":6.5,"note":"stable","bp":{"systolic":120}}',
  adverse_events: [
    { term: 'headache', severity: 'severe' },
    { term: 'stroke', serious: true },
  ],
  completion_status: 'Lost to follow-up',
};
const mapTrial = (changes: Readonly<Record<string, unknown>> = {}, change: SourcedRow['change'] = 'snapshot'): Mapped =>
  createTrialMapper(rules)({
    ...placed<SourcedRow>({ change, row: { ...aTrialRow, ...changes }, position: '0/16B3748', place: 'row 1', changedAtMs: 7 }),
    line: 0,
  });
const outcomeOf = (mapped: Mapped): OutcomeRecorded => {
  if (mapped.kind !== 'records') throw new Error(JSON.stringify(mapped));
  return mapped.records[0]!.value as OutcomeRecorded;
};

test('a row of a trial becomes an outcome: numbers exact, events counted, the arm by its class', () => {
  expect(outcomeOf(mapTrial())).toEqual({
    outcomeId: expect.stringMatching(/^[0-9a-f]{32}$/),
    change: 'snapshot',
    patientToken: tokenOf(tokenKey, 'patient', 'PAT_12345'),
    trialId: 'NCT01234567',
    enrollmentDate: visitDay,
    enrolledAt: Date.UTC(2024, 2, 15),
    treatmentArm: 'Placebo',
    armCode: 'placebo',
    primaryEndpointTenThousandths: 123_450,
    secondaryEndpoints: '{"hba1c":6.5,"note":"stable","bp":{"systolic":120}}',
    secondaryValues: { hba1c: 6.5, 'bp.systolic': 120 },
    adverseEvents: JSON.stringify(aTrialRow.adverse_events),
    adverseEventCount: 2,
    seriousEventCount: 1,
    completionStatus: 'lost',
    position: '0/16B3748',
    changedAt: 7,
    source: 'ehr_sftp',
    fileId: 'f1',
    line: 0,
  });
});

test('what a row does not tell is null or empty', () => {
  const none = { enrollment_date: null, treatment_arm: null, primary_endpoint_value: null, secondary_endpoints: null, adverse_events: null, completion_status: null };

  expect(outcomeOf(mapTrial(none))).toMatchObject({ enrollmentDate: null, enrolledAt: null, armCode: '', primaryEndpointTenThousandths: null, secondaryEndpoints: '', adverseEventCount: 0, completionStatus: '' });
}); // prettier-ignore

test('a row that was deleted needs nothing but its key, and keeps its id', () => {
  const row = { enrollment_date: undefined, completion_status: 'gone', primary_endpoint_value: 'x' };
  expect(outcomeOf(mapTrial(row, 'delete'))).toMatchObject({
    change: 'delete',
    outcomeId: outcomeOf(mapTrial()).outcomeId,
    completionStatus: '',
  });
});

test.each([
  ['999999.9999', 9_999_999_999],
  ['-0.5', -5_000],
  ['-0', 0],
  ['0000001.50000', 15_000],
  [12, 120_000],
])('the endpoint %p is %d ten-thousandths', (told, tenThousandths) => {
  expect(outcomeOf(mapTrial({ primary_endpoint_value: told })).primaryEndpointTenThousandths).toBe(tenThousandths);
});

test.each<[string, Readonly<Record<string, unknown>>, string, string]>([
  ['no trial', { trial_id: null }, 'MISSING_ID', 'trial_id'],
  ['no patient', { patient_id: '' }, 'MISSING_ID', 'patient_id'],
  ['a bad day', { enrollment_date: '2024-13-01' }, 'BAD_DATE', 'enrollment_date'],
  ['7 digits before the point', { primary_endpoint_value: '1000000' }, 'BAD_NUMBER', 'primary_endpoint_value'],
  ['5 digits behind it', { primary_endpoint_value: '1.00001' }, 'BAD_NUMBER', 'primary_endpoint_value'],
  ['a word for a number', { primary_endpoint_value: 'NaN' }, 'BAD_NUMBER', 'primary_endpoint_value'],
  ['a list for a number', { primary_endpoint_value: [1] }, 'BAD_NUMBER', 'primary_endpoint_value'],
  ['broken JSON', { secondary_endpoints: '{"hba1c":' }, 'NOT_JSON', 'secondary_endpoints'],
  ['broken JSON of events', { adverse_events: '[}' }, 'NOT_JSON', 'adverse_events'],
  ['an unknown status', { completion_status: 'went home' }, 'BAD_STATUS', 'completion_status'],
  ['a number for a status', { completion_status: 4 }, 'BAD_STATUS', 'completion_status'],
])('a row of a trial with %s is rejected', (_what, changes, code, field) => {
  expect(mapTrial(changes)).toMatchObject({ kind: 'rejected', code, field });
});

test.each([
  ['Arm B', 'arm-b'],
  ['2', 'arm-2'],
  ['Drug X 10 mg', 'active'],
  ['Usual care', 'standard'],
  ['Jane Canary', ''],
])('the arm %s is told as %s', (treatment_arm, armCode) => {
  expect(outcomeOf(mapTrial({ treatment_arm })).armCode).toBe(armCode);
});

test('events may stand in an object, and text without any is none', () => {
  expect(outcomeOf(mapTrial({ adverse_events: { events: [{ serious: 'yes' }] } }))).toMatchObject({
    adverseEventCount: 1,
    seriousEventCount: 1,
  });
  expect(outcomeOf(mapTrial({ adverse_events: { none: true }, secondary_endpoints: [1] }))).toMatchObject({
    adverseEventCount: 0,
    secondaryValues: {},
  });
});
