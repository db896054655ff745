import { checkLedger } from './check-ledger.ts';
import { checkQuarantine } from './check-quarantine.ts';
import { checkReadings } from './check-readings.ts';
import { checkWindows } from './check-windows.ts';
import { observe, type Observed } from './observed.ts';
import type { SentRecord, SimWorld } from './simulate-seed.ts';

/** The invariants of the stream, as the design numbers them, and two that make a schedule worth judging. */
export type Invariant =
  /** Every record has one disposition. */
  | 'I1'
  /** Nothing comes out that did not go in. */
  | 'I2'
  /** Each alarm once. */
  | 'I3'
  /** Order per key. */
  | 'I4'
  /** State after any restore is that of a recomputation. */
  | 'I5'
  /** With every fault gone the stage reads to the end. */
  | 'drained'
  /** No process ends for a reason that it should survive. */
  | 'ended';

export interface Violation {
  readonly invariant: Invariant;
  readonly detail: string;
}

/** What one check may look at. */
export interface Evidence {
  readonly observed: Observed;
  /** Every record that was sent, and of these the ones before the committed position: they must be accounted for. */
  readonly sent: readonly SentRecord[];
  readonly consumed: readonly SentRecord[];
  readonly requeued: ReadonlyMap<string, number>;
  /** Partitions at which the stage had to stop, because the broker had deleted what it had not read. */
  readonly stopped: ReadonlySet<number>;
}

export type Check = (evidence: Evidence) => readonly Violation[];

const lossCode = 'OFFSET_OUT_OF_RANGE';

function checkDrained({ observed, stopped }: Evidence): readonly Violation[] {
  return observed.places
    .filter(({ position, stableOffset, partition }) => (position ?? 0) !== stableOffset && !stopped.has(partition))
    .map(({ topic, partition, position, stableOffset }) => ({
      invariant: 'drained',
      detail: `${topic}-${partition}: position ${position}, end ${stableOffset}`,
    }));
}

const checks: readonly Check[] = [checkDrained, checkReadings, checkWindows, checkQuarantine, checkLedger];

export async function checkInvariants(world: SimWorld): Promise<readonly Violation[]> {
  const observed = await observe(world);
  const positions = new Map(observed.places.map(({ topic, partition, position }) => [`${topic}-${partition}`, position ?? 0]));
  const isConsumed = ({ topic, partition, offset }: SentRecord): boolean => offset < (positions.get(`${topic}-${partition}`) ?? 0);
  const { fleet, scenario, sent, requeued } = world;
  const struck = new Set(scenario.troubles.flatMap((trouble) => (trouble.kind === 'retention' ? [trouble.partition] : [])));
  const told = fleet.failures.includes(lossCode);
  const evidence: Evidence = {
    observed,
    sent,
    consumed: sent.filter(isConsumed),
    requeued,
    // A stage is one process for all of its partitions: where it stopped for one, the others may wait, too.
    stopped: told && struck.size > 0 ? new Set(Array.from({ length: scenario.partitions }, (_, partition) => partition)) : new Set(),
  };
  const unexpected = fleet.failures.filter((code) => code !== lossCode || struck.size === 0);
  const ended = [...new Set(unexpected)].map((code): Violation => ({ invariant: 'ended', detail: code }));
  return [...ended, ...checks.flatMap((check) => check(evidence))];
}
