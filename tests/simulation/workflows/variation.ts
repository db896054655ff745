import { decide, type Decide } from '@vigil/workflows';

/** What the model does otherwise than it should; all of it absent = as it is meant. */
export interface Variation {
  readonly decide: Decide;
  /** A slot is not given back with the lease of a worker that never began. */
  readonly keepsSlots?: true;
  /** The outbox row is deleted before its message is published. */
  readonly deletesFirst?: true;
  /** Leases that end are told to nobody. */
  readonly ignoresLeases?: true;
  /** The worker runs an attempt before it has committed its position. */
  readonly runsUncommitted?: true;
  /** What is written outside does not compare epochs. */
  readonly writesUnfenced?: true;
  /** Positions of the reports are committed before their step. */
  readonly commitsReportsFirst?: true;
  /** A worker does not remember which requests it has seen. */
  readonly forgetsRequests?: true;
}

export const asMeant: Variation = { decide };
