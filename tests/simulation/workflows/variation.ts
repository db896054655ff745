import { decide, type Decide } from '@vigil/workflows';

/** What the model does otherwise than it should; all of it absent = as it is meant. */
export interface Variation {
  readonly decide: Decide;
  /** A slot is not given back with the lease of a worker that never began. */
  readonly keepsSlots?: true;
  /** Leases that end are told to nobody. */
  readonly ignoresLeases?: true;
  /** The worker runs an attempt before it has committed its position. */
  readonly runsUncommitted?: true;
  /** What is written outside does not compare epochs. */
  readonly writesUnfenced?: true;
  /** A worker remembers the requests that it has seen itself, not those before it: another may have begun the first copy of the next. */
  readonly remembersOwnOnly?: true;
  /** The dispatcher does not ask whether a run is paused. */
  readonly dispatchesPaused?: true;
}

export const asMeant: Variation = { decide };
