import { expect, test } from '@jest/globals';
import { Ward } from '../domain/patient/ward.ts';
import { knownPatientStore } from '../state/known-patients.ts';
import { rememberPatient } from './remember-patient.ts';

const origin = { topic: 't', partition: 0, offset: 0, timestamp: 0 };

test('the birth date is kept by token, a tombstone forgets it, and one without a key concerns nobody', () => {
  const patients = knownPatientStore.open().view;
  const context = { stores: { ward: new Ward(), patients }, nowMs: 0, partition: 0 };
  const tell = (key: string | null, birthDate: number | undefined) =>
    rememberPatient(
      {
        topic: 't',
        partition: 0,
        offset: 0,
        timestamp: 0,
        origin,
        key,
        value: birthDate === undefined ? null : { patientToken: 't.a', birthDate, sex: 'other', zip: null, changedAt: 0 },
      },
      context,
    );

  expect(tell('t.a', 1234)).toMatchObject({ disposition: 'processed', emissions: [] });
  expect(patients.edit('t.a', () => ({ birthDate: null }))).toEqual({ birthDate: 1234 });
  tell(null, undefined);
  expect(patients.get('t.a')).toEqual({ birthDate: 1234 });
  tell('t.a', undefined);
  expect(patients.get('t.a')).toBeUndefined();
});
