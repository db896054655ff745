import { schemas, type KnownPatient } from '@vigil/contracts';
import { keyedStore } from '@vigil/kafka';

/** What the registry tells of patients, by token. Kept as long as the registry keeps them. */
export const knownPatientStore = keyedStore<KnownPatient>({ schema: schemas.knownPatient, clone: (patient) => ({ ...patient }) });
