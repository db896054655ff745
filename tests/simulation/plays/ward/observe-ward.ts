import type { BatchProgressed } from '@vigil/contracts';
import {
  committedPlaces,
  consumedOf,
  readLedger,
  readLetters,
  readTopic,
  type Letter,
  type Output,
  type SourcePlace,
} from '../../checks/observed-logs.ts';
import type { Violation } from '../../checks/violation.ts';
import type { SentRecord, SimWorld } from '../../sim-world.ts';
import {
  accepted,
  alarms,
  kinds,
  limits,
  sources,
  windows,
  type Accepted,
  type Alarm,
  type ClosedWindow,
  type Limit,
  type Sample,
} from './ward-topology.ts';

/** Everything that a reader of the broker sees after a schedule, and what was sent. */
export interface WardEvidence {
  readonly accepted: readonly Output<Accepted>[];
  readonly windows: readonly Output<ClosedWindow>[];
  readonly alarms: readonly Output<Alarm>[];
  readonly limits: readonly Output<Limit>[];
  readonly letters: readonly Letter[];
  readonly ledger: readonly BatchProgressed[];
  readonly places: readonly SourcePlace[];
  /** Every record that was sent, and of these the ones before the committed position: they must be accounted for. */
  readonly sent: readonly SentRecord<Sample>[];
  readonly consumed: readonly SentRecord<Sample>[];
  /** Partitions at which the stage had to stop, because the broker had deleted what it had not read. */
  readonly stopped: ReadonlySet<number>;
}

export type Check = (evidence: WardEvidence) => readonly Violation[];

export const isSound = ({ planned: { value } }: SentRecord<Sample>): boolean => value?.kind === kinds.sound;
export const isRefused = ({ planned: { value } }: SentRecord): boolean =>
  value === null || [kinds.malformed, kinds.faulty].includes((value as Sample).kind as 1 | 2);

/** A stage is one process for all of its partitions: where it stopped for one, the others may wait, too. */
function stoppedPartitions({ fleet, scenario }: SimWorld): ReadonlySet<number> {
  const isStruck = scenario.troubles.some(({ kind }) => kind === 'retention');
  const isTold = fleet.failures.includes('OFFSET_OUT_OF_RANGE');
  return new Set(isStruck && isTold ? Array.from({ length: scenario.partitions }, (_, partition) => partition) : []);
}

export async function observeWard(world: SimWorld): Promise<WardEvidence> {
  const places = await committedPlaces(world);
  const sent = world.sent.filter(({ planned: { input } }) => input < sources.length) as readonly SentRecord<Sample>[];
  return {
    accepted: readTopic(world, accepted),
    windows: readTopic(world, windows),
    alarms: readTopic(world, alarms),
    limits: readTopic(world, limits, 1),
    letters: readLetters(world),
    ledger: readLedger(world),
    places,
    sent,
    consumed: consumedOf(sent, places),
    stopped: stoppedPartitions(world),
  };
}
