import type { Topic } from '@vigil/contracts';
import type { Emission } from '@vigil/core';

/** The state of one task as the live stage and a run hold it, after both handled the same records. */
export interface AdoptionSides<Stores> {
  readonly live: Stores;
  /** Changed to what the live stage goes on with. */
  readonly run: Stores;
  readonly nowMs: number;
  /** The last record of `Adoption.lastTold` that stands live in this partition; null = there is none. */
  readonly lastTold: object | null;
}

export interface Reconciled {
  /** What readers of the live outputs must be told, so that they know what the adopted state knows. */
  readonly emissions: readonly Emission[];
  /** How many keys of the live state rest on records that the run never saw: one is enough and nothing is adopted. */
  readonly unsettled: number;
}

/** How a stage makes one state of that of a run and its own; synchronous and pure, like its handlers. */
export interface Adoption<Stores> {
  /** An output whose last live record `reconcile` wants to see. */
  readonly lastTold: Topic;
  reconcile(sides: AdoptionSides<Stores>): Reconciled;
  /** Whether a row that only the live state holds stays. */
  keeps(store: string, key: string, run: Stores): boolean;
}

/** What the cutover of one task did. */
export interface AdoptedTask {
  readonly partition: number;
  /** Rows of the live changelogs that were written, removed ones among them. */
  readonly rows: number;
  /** Records told to readers, by topic. */
  readonly outputs: Readonly<Record<string, number>>;
}
