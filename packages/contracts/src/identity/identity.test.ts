import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { unseal } from '@vigil/core';
import { memberTokenOf, nameTokenOf, patientTokenOf, policyTokenOf } from './claim-tokens.ts';
import { identityContext, identityKeyOf, identitySubjectOf, patientTokenOfKey, sealIdentity, type ToldIdentity } from './seal-identity.ts';

const key = { id: 't1', secret: randomBytes(32) };
const sealing = { dataKey: { id: 'd1', secret: randomBytes(32) }, random: (size: number) => randomBytes(size) };
const told = (change: Partial<ToldIdentity> = {}): ToldIdentity => ({
  patientToken: 't1.abc',
  source: 'claims',
  identity: { patient_id: 'PAT_1', name: 'Jane Roe' },
  observedAt: 5,
  ...change,
});

test('what a claim tells is sealed for its patient, with the number of fields that it tells', () => {
  const { sealed, ...open } = sealIdentity(told(), sealing);

  expect(open).toEqual({ patientToken: 't1.abc', keyId: 'd1', observedAt: 5, source: 'claims', told: 2 });
  expect(JSON.parse(unseal(sealing.dataKey, identityContext('t1.abc', 'd1'), sealed).toString())).toEqual({
    patient_id: 'PAT_1',
    name: 'Jane Roe',
  });
  expect(sealIdentity(told({ source: 'registry' }), sealing).told).toBe(0);
});

test('a registry’s record has the patient’s key, a claim’s one of its own for each set of fields', () => {
  expect(identityKeyOf(told({ source: 'registry' }))).toBe('t1.abc');
  expect(identityKeyOf(told())).toBe('t1.abc claims name+patient_id');
  expect(identityKeyOf(told({ identity: { patient_id: 'PAT_2' } }))).toBe('t1.abc claims patient_id');
  expect(patientTokenOfKey('t1.abc claims name+patient_id')).toBe('t1.abc');
  expect(patientTokenOfKey('t1.abc')).toBe('t1.abc');
  expect(identitySubjectOf('t1.abc claims name')).toEqual({ patientToken: 't1.abc', source: 'claims' });
  expect(identitySubjectOf('t1.abc')).toEqual({ patientToken: 't1.abc', source: 'registry' });
});

test('a name is the same however it is written, and another name is not', () => {
  const one = nameTokenOf(key, { lastName: "O'Brien-Núñez", firstName: 'José' });

  expect(nameTokenOf(key, { lastName: 'OBRIEN NUNEZ', firstName: 'jose' })).toBe(one);
  expect(nameTokenOf(key, { lastName: 'Brien Nunez', firstName: 'Jose' })).not.toBe(one);
  expect(nameTokenOf(key, { lastName: 'JOSE', firstName: 'OBRIENNUNEZ' })).not.toBe(one);
  expect(nameTokenOf(key, { lastName: '', firstName: ' ' })).toBeNull();
});

test('a member is a patient under a policy; without one of them there is none', () => {
  expect(memberTokenOf(key, { policyNumber: 'P', patientId: 'A' })).not.toBe(memberTokenOf(key, { policyNumber: 'PA', patientId: '' }));
  expect(memberTokenOf(key, { policyNumber: '', patientId: 'A' })).toBe('');
  expect(memberTokenOf(key, { policyNumber: 'P', patientId: '' })).toBe('');
  expect(policyTokenOf(key, '')).toBe('');
  expect(policyTokenOf(key, 'X')).not.toBe(patientTokenOf(key, 'X'));
});
