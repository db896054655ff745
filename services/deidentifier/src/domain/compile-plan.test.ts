import { expect, test } from '@jest/globals';
import { deidPlanOf, topics, type DeidPlan, type DeidStep } from '@vigil/contracts';
import { aDataset, aPatient, aReading, anAlert, aWindow, rules } from '../../test-support/samples.ts';
import { compilePlan, type Fields, type Subject } from './compile-plan.ts';

const dataset = aDataset();
const mask = dataset.maskOf('t1.AbCdEfGhIjKlMnOpQrStUv');
const subject: Subject = { dataset, mask, atMs: Date.UTC(2024, 2, 15), identifiers: [], amountsLeave: true };
const planFor = (topic: Parameters<typeof deidPlanOf>[0]): DeidPlan => deidPlanOf(topic)!;
const fieldsOf = (value: object): Fields => value as Fields;

test('a reading keeps what was measured and loses who, where and when', () => {
  const reading = aReading();

  expect(compilePlan(planFor(topics.vitalsReadingAccepted), rules)(fieldsOf(reading), subject)).toEqual({
    eventId: dataset.idOf(reading.eventId),
    pseudonym: mask.pseudonym,
    deviceClass: 'bedside-monitor',
    deviceModel: 'MX-800',
    elapsedMs: reading.observedAt + mask.elapsedOffsetMs,
    approxYear: expect.any(Number),
    historic: false,
    heartRate: 72,
    respiratoryRate: 16,
    oxygenSaturation: null,
    temperatureC: 37.2,
    systolic: 120,
    diastolic: 80,
    supplementalOxygen: null,
    consciousness: 'A',
    excluded: [{ field: 'oxygen_saturation', code: 'OUT_OF_RANGE' }],
    flags: ['TEMPERATURE_UNIT_CONVERTED'],
  });
});

test('windows, alerts and patients by their rules', () => {
  const window = compilePlan(planFor(topics.vitalsWindowClosed), rules)(fieldsOf(aWindow()), subject);
  const alert = compilePlan(planFor(topics.alertRaised), rules)(fieldsOf(anAlert()), subject);
  const patient = compilePlan(planFor(topics.patientChanged), rules)(fieldsOf(aPatient()), subject);

  expect(window).toMatchObject({ n: 5, mean: 75, elapsedStartMs: aWindow().windowStart + mask.elapsedOffsetMs });
  expect(window).not.toHaveProperty('receivedAt');
  expect(alert).toMatchObject({ elapsedRaisedMs: anAlert().raisedAt + mask.elapsedOffsetMs, elapsedClearedMs: null, severity: 'critical' });
  expect(alert).not.toHaveProperty('ward');
  expect(patient).toEqual({ pseudonym: mask.pseudonym, ageGroup: '70-79', sex: 'female', zip3: '943' });
});

test('what a patient’s record does not tell stays unknown', () => {
  const patient = compilePlan(planFor(topics.patientChanged), rules)(fieldsOf(aPatient({ birthDate: null, zip: null })), subject);
  expect(patient).toMatchObject({ ageGroup: null, zip3: null });
});

test('a kept text that looks like an identifier, or holds one of the record’s own, does not leave', () => {
  const deidentify = compilePlan(planFor(topics.vitalsReadingAccepted), rules);

  expect(deidentify(fieldsOf(aReading({ deviceModel: 'SN 20240315-1' })), subject)).toMatchObject({ deviceModel: null });
  expect(
    deidentify(fieldsOf(aReading({ deviceClass: 'class of MON-7', flags: ['A', 'for MON-7'] })), { ...subject, identifiers: ['mon-7'] }),
  ).toMatchObject({ deviceClass: null, deviceModel: 'MX-800', flags: ['A'] });
});

test('what a device tells of itself leaves only as the name of a device', () => {
  const deidentify = compilePlan(planFor(topics.vitalsReadingAccepted), rules);
  const told = { deviceClass: 'Jane Canary', deviceModel: 'Philips IntelliVue MX800', consciousness: 'A' };

  expect(deidentify(fieldsOf(aReading(told)), subject)).toMatchObject({ ...told, deviceClass: null });
});

test('a field that no rule names does not leave', () => {
  const withMore = { ...aReading(), mrn: 'CANARY-1', nextOfKin: { name: 'Jane Canary' } };
  const derived = compilePlan(planFor(topics.vitalsReadingAccepted), rules)(fieldsOf(withMore), subject);
  expect(JSON.stringify(derived)).not.toContain('anary');
  expect(JSON.stringify(derived)).not.toContain('CANARY');
});

test.each<[string, object]>([
  ['a time that is text', { ...aReading(), observedAt: '2024-03-15' }],
  ['a time with a fraction', { ...aReading(), observedAt: 1.5 }],
  ['a time beyond the calendar', { ...aReading(), observedAt: 9e15 }],
  ['a missing time', { ...aReading(), observedAt: undefined }],
  ['a missing id', { ...aReading(), eventId: '' }],
  ['an id that is no text', { ...aReading(), eventId: 7 }],
  ['a list that is none', { ...aReading(), excluded: 'x' }],
  ['a list of something else', { ...aReading(), excluded: ['x'] }],
  ['a nested record without a field', { ...aReading(), excluded: [{ field: 'x' }] }],
])('where a rule cannot be applied nothing leaves: %s', (_name, record) => {
  expect(compilePlan(planFor(topics.vitalsReadingAccepted), rules)(fieldsOf(record), subject)).toBeUndefined();
});

test.each<[string, object]>([
  ['a birth date that is text', { ...aPatient(), birthDate: '1950-01-02' }],
  ['a ZIP code that is a number', { ...aPatient(), zip: 94_301 }],
])('where a rule cannot be applied nothing leaves: %s', (_name, record) => {
  expect(compilePlan(planFor(topics.patientChanged), rules)(fieldsOf(record), subject)).toBeUndefined();
});

const planWith = (step: DeidStep): DeidPlan => ({ record: 'Thing', steps: [step], knownFields: ['inner'] });
const inner: DeidPlan = { record: 'Inner', steps: [{ rule: 'keep', source: 'a', target: 'a' }], knownFields: ['a', 'b'] };

test('a nested record is made by its own plan, and may be absent', () => {
  const one = compilePlan(planWith({ rule: 'nested', source: 'inner', target: 'inner', shape: 'one', plan: inner }), rules);
  const list = compilePlan(planWith({ rule: 'nested', source: 'inner', target: 'inner', shape: 'list', plan: inner }), rules);

  expect(one({ inner: { a: 'x', b: 'y' } }, subject)).toEqual({ inner: { a: 'x' } });
  expect(one({ inner: null }, subject)).toEqual({ inner: null });
  expect(list({ inner: null }, subject)).toEqual({ inner: null });
});

test('a rule that this code does not know stops the start', () => {
  const step = { rule: 'blur', source: 'inner', target: 'inner' } as unknown as DeidStep;
  expect(() => compilePlan(planWith(step), rules)).toThrow(expect.objectContaining({ code: 'BAD_DEFINITION' }));
  expect(() => compilePlan(planWith(step), rules)).toThrow(/inner of Thing has the unknown de-identification rule blur/);
});

test('a step for a field that the schema does not have stops the start', () => {
  expect(() => compilePlan(planWith({ rule: 'keep', source: 'gone', target: 'gone' }), rules)).toThrow(/Thing has no field gone/);
});
