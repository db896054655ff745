import { processed } from '@vigil/core';
import type { PatientChanged } from '@vigil/contracts';
import type { Handler } from '@vigil/kafka';
import type { Stores } from './stores.ts';

/** Keeps the birth date, which decides whether a patient is scored. A tombstone forgets the patient. */
export const rememberPatient: Handler<PatientChanged | null, Stores> = ({ key, value }, { stores }) => {
  if (value !== null) stores.patients.put(value.patientToken, { birthDate: value.birthDate });
  else if (key !== null) stores.patients.delete(key);
  return processed();
};
