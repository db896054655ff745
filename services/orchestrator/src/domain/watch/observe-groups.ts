import type { LagObserved } from '@vigil/contracts';
import { judgePartition } from './judge-partition.ts';
import { lagSlope } from './lag-slope.ts';
import { severityOf, type LagState } from './lag-state.ts';
import { addSample, type LagSample, type PartitionHistory } from './partition-history.ts';

/** One partition of one group, just measured. */
export interface MeasuredPartition extends Omit<LagSample, 'atMs'> {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** Whether the group ever told a position here. */
  readonly isKnown: boolean;
}

export type GroupObservation = Omit<LagObserved, 'state'> & { readonly state: LagState };

/** Histories by place. */
export type LagHistories = ReadonlyMap<string, PartitionHistory>;

interface Judged extends MeasuredPartition {
  readonly state: LagState;
  readonly slope: number;
}

const placeOf = ({ group, topic, partition }: MeasuredPartition): string => `${group}/${topic}-${partition}`;

const isWorse = (one: Judged, other: Judged): boolean =>
  severityOf(one.state) - severityOf(other.state) > 0 || (one.state === other.state && one.lagSeconds > other.lagSeconds);

function groupOf(group: string, partitions: readonly Judged[], nowMs: number): GroupObservation {
  const worst = partitions.reduce((found, next) => (isWorse(next, found) ? next : found));
  const waits = worst.lagRecords > 0;
  return {
    group,
    state: worst.state,
    lagRecords: partitions.reduce((sum, { lagRecords }) => sum + lagRecords, 0),
    // A rewound partition with little lag does not hide another with more.
    lagSeconds: Math.max(...partitions.map(({ lagSeconds }) => lagSeconds)),
    slope: worst.slope,
    worstTopic: waits ? worst.topic : '',
    worstPartition: waits ? worst.partition : -1,
    observedAt: nowMs,
  };
}

/** Adds a measurement of all partitions to their histories and tells how each group is. Partitions no longer measured are forgotten. */
export function observeGroups(
  histories: LagHistories,
  measured: readonly MeasuredPartition[],
  nowMs: number,
): { readonly histories: LagHistories; readonly groups: readonly GroupObservation[] } {
  const next = new Map<string, PartitionHistory>();
  const judged = measured.map((partition): Judged => {
    const { position, mark, lagRecords, lagSeconds } = partition;
    const history = addSample(histories.get(placeOf(partition)), { atMs: nowMs, position, mark, lagRecords, lagSeconds });
    next.set(placeOf(partition), history);
    return { ...partition, state: judgePartition(history), slope: lagSlope(history.samples) };
  });
  const groups = [...Map.groupBy(judged, ({ group }) => group)].map(([group, partitions]) => groupOf(group, partitions, nowMs));
  return { histories: next, groups };
}
