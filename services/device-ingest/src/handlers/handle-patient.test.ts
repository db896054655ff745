import { expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { tokenOf, unseal, type Outcome } from '@vigil/core';
import { identityContext, topics, type IdentityObserved, type RecordReceived } from '@vigil/contracts';
import type { SourceRecord } from '@vigil/kafka';
import { bytesOf } from '../../test-support/messages.ts';
import { handlePatient } from './handle-patient.ts';

const tokenKey = { id: 'token-1', secret: randomBytes(32) };
const dataKey = { id: 'data-1', secret: randomBytes(32) };
const receivedAt = Date.UTC(2024, 2, 15);
const origin = { topic: topics.patientsRecordReceived.name, partition: 0, offset: 5, timestamp: receivedAt };
const patient = { patient_id: 'PAT_1', birth_date: '1950-07-04', sex: 'F', name: 'Jane Roe', zip: '02139', ssn: '078-05-1120' };

const handle = handlePatient({ tokenKey, dataKey, random: (size) => randomBytes(size) });
const take = (value: unknown): Outcome =>
  handle({ value, origin } as SourceRecord<Buffer | RecordReceived>, { stores: {}, nowMs: receivedAt, partition: 0 });

function emissionsOf(outcome: Outcome) {
  if (outcome.disposition !== 'processed') throw new Error(outcome.disposition);
  return outcome.emissions;
}

test('what clinical rules need goes on, what identifies is sealed under the patient’s token', () => {
  const patientToken = tokenOf(tokenKey, 'patient', 'PAT_1');
  const [changed, observed] = emissionsOf(take(bytesOf(patient)));

  expect(changed).toMatchObject({
    topic: { name: topics.patientChanged.name },
    key: patientToken,
    value: { patientToken, birthDate: Date.UTC(1950, 6, 4) / 86_400_000, sex: 'female', zip: '02139', changedAt: receivedAt },
  });
  expect(observed).toMatchObject({ topic: { name: topics.identityObserved.name }, key: patientToken });
  const { sealed, keyId } = observed!.value as IdentityObserved;
  expect(keyId).toBe('data-1');
  expect(JSON.parse(unseal(dataKey, identityContext(patientToken, keyId), sealed).toString())).toEqual({
    patient_id: 'PAT_1',
    birth_date: '1950-07-04',
    name: 'Jane Roe',
    zip: '02139',
    ssn: '078-05-1120',
  });
});

test('a sealed identity opens for no other patient', () => {
  const observed = emissionsOf(take(bytesOf(patient)))[1]?.value as IdentityObserved;

  expect(() => unseal(dataKey, identityContext(tokenOf(tokenKey, 'patient', 'PAT_2'), 'data-1'), observed.sealed)).toThrow();
});

test('nothing that identifies stands outside the seal', () => {
  const [changed, observed] = emissionsOf(take(bytesOf(patient)));
  const { sealed, ...open } = observed!.value as IdentityObserved;
  const written = JSON.stringify([changed, open]) + sealed.toString('latin1');

  for (const secret of ['PAT_1', 'Jane', 'Roe', '078-05']) expect(written).not.toContain(secret);
});

test('the Avro form is read as the JSON form', () => {
  const avro = { phone: null, address: null, mrn: null, ...patient };

  expect(emissionsOf(take(avro))[0]).toEqual(emissionsOf(take(bytesOf(patient)))[0]);
});

test('what cannot be read or judged is quarantined', () => {
  expect(take(Buffer.from('nonsense'))).toEqual({ disposition: 'rejected', code: 'NOT_JSON' });
  expect(take(bytesOf({ ...patient, birth_date: 'soon' }))).toEqual({ disposition: 'rejected', code: 'BAD_BIRTH_DATE' });
});
