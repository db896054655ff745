import type { KnownPatient } from '@vigil/contracts';
import type { KeyedView } from '@vigil/kafka';
import type { Ward } from '../domain/patient/ward.ts';

/** What the handlers of this stage work on. */
export interface Stores {
  readonly ward: Ward;
  readonly patients: KeyedView<KnownPatient>;
}
