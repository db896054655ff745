import type { KnownPatient } from '@vigil/contracts';
import type { KeyedView } from '@vigil/kafka';
import type { Ward } from '../domain/patient/ward.ts';
import type { RulesInForce } from '../domain/rules-in-force.ts';

/** What the handlers of this stage work on. */
export interface Stores {
  readonly ward: Ward;
  readonly patients: KeyedView<KnownPatient>;
  /** Absent where the stage was started with rules that never change: a test, a benchmark. */
  readonly parameters?: RulesInForce;
}
