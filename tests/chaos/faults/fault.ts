import type { SeededRandom } from '@vigil/testing';
import type { ChaosMessage } from '../workload.ts';
import type { World } from '../world.ts';

export interface FaultContext {
  readonly world: World;
  /** How often a fault that strikes in rounds does so. */
  readonly rounds: number;
  readonly random: SeededRandom;
  /** How many messages were acknowledged so far. */
  readonly acked: () => number;
  /** Puts more on the received topic, counted like the workload. */
  readonly sendBesides: (messages: readonly ChaosMessage[]) => Promise<void>;
}

/** Something that is done to a fleet while a workload runs through it. */
export interface Fault {
  /** As in the fault plan: F1 to F16. */
  readonly id: string;
  readonly title: string;
  /**
   * Strikes and heals.
   *
   * @returns what shows that it happened
   * @throws when it did not happen: a fault that misses proves nothing
   */
  inject(context: FaultContext): Promise<readonly string[]>;
}
