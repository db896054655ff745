import type { BatchProgressed } from '@vigil/contracts';
import type { Outcome } from '@vigil/core';
import type { DispositionCounts } from './engine-observer.ts';

/** Counts of one ledger row while its transaction is open. */
export interface LedgerTally {
  readonly subStage: string;
  readonly topic: string;
  readonly batchId: string | null;
  readonly firstOffset: number;
  lastOffset: number;
  consumed: number;
  readonly counts: DispositionCounts;
  readonly outputs: Map<string, number>;
  /** Of the sub-stages that its records pass, by name: each counts them once more. */
  readonly parts: Map<string, LedgerTally>;
}

export const noCounts = (): DispositionCounts => ({ processed: 0, late: 0, lateCorrected: 0, duplicate: 0, rejected: 0, suppressed: 0 });

export const openTally = (place: Pick<LedgerTally, 'subStage' | 'topic' | 'batchId' | 'firstOffset'>): LedgerTally => ({
  ...place,
  lastOffset: place.firstOffset,
  consumed: 0,
  counts: noCounts(),
  outputs: new Map(),
  parts: new Map(),
});

/** Every consumed record is counted exactly once, under its disposition. */
export function tallyOutcome(tally: LedgerTally, offset: number, outcome: Outcome): void {
  tally.consumed++;
  tally.lastOffset = Math.max(tally.lastOffset, offset);
  tally.counts[outcome.disposition]++;
  if (outcome.disposition === 'late' && outcome.corrected) tally.counts.lateCorrected++;
}

/** A record that reached a sub-stage; what it made stands in the row of the stage. */
export function tallySubStage(tally: LedgerTally, offset: number, disposition: 'processed' | 'suppressed'): void {
  tally.consumed++;
  tally.lastOffset = Math.max(tally.lastOffset, offset);
  tally.counts[disposition]++;
}

/** A run of records of which nothing was written. */
export function tallyRun(tally: LedgerTally, { count, lastOffset }: { readonly count: number; readonly lastOffset: number }): void {
  tally.consumed += count;
  tally.lastOffset = Math.max(tally.lastOffset, lastOffset);
  tally.counts.processed += count;
}

export const tallyOutput = ({ outputs }: LedgerTally, topic: string): void => void outputs.set(topic, (outputs.get(topic) ?? 0) + 1);

export interface LedgerContext {
  readonly stage: string;
  readonly partition: number;
  readonly committedAt: number;
  readonly tablePositions: Readonly<Record<string, number>>;
}

export const ledgerRowOf = (tally: LedgerTally, { stage, partition, committedAt, tablePositions }: LedgerContext): BatchProgressed => ({
  stage,
  subStage: tally.subStage,
  topic: tally.topic,
  partition,
  firstOffset: tally.firstOffset,
  lastOffset: tally.lastOffset,
  batchId: tally.batchId,
  consumed: tally.consumed,
  ...tally.counts,
  outputs: Object.fromEntries(tally.outputs),
  tablePositions,
  committedAt,
});
