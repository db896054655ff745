/** One row of `vigil ledger --json`. */
export interface LedgerStageCounts {
  readonly stage: string;
  readonly topic: string;
  readonly consumed: number;
  readonly processed: number;
  readonly late: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly outputs: Readonly<Record<string, number>>;
}

export interface LedgerDocument {
  readonly balanced: boolean;
  readonly unaccounted: number;
  readonly stages: readonly LedgerStageCounts[];
}

/** What the fleet did with readings so far. */
export interface DemoCounts {
  readonly consumed: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly late: number;
  readonly windowsClosed: number;
  /** Decisions about claims, reversals among them. */
  readonly claimsDecided: number;
}

const received = 'vitals.reading.received.v1';
const accepted = 'vitals.reading.accepted.v1';
const windowClosed = 'vitals.window.closed.v1';
const claimAdjudicated = 'claims.claim.adjudicated.v1';

const outputsTo = (topic: string, rows: readonly LedgerStageCounts[]): number =>
  rows.reduce((sum, { outputs }) => sum + (outputs[topic] ?? 0), 0);

/** The ledger's view of the vital-sign path. A fleet that did nothing yet counts zero. */
export function countsOf({ stages }: LedgerDocument): DemoCounts {
  const ingest = stages.find(({ stage, topic }) => stage === 'device-ingest' && topic === received);
  const windowing = stages.filter(({ stage }) => stage === 'vitals-windowing');
  return {
    consumed: ingest?.consumed ?? 0,
    accepted: ingest?.processed ?? 0,
    duplicates: ingest?.duplicate ?? 0,
    quarantined: ingest?.rejected ?? 0,
    late: windowing.filter(({ topic }) => topic === accepted).reduce((sum, row) => sum + row.late, 0),
    windowsClosed: outputsTo(windowClosed, windowing),
    claimsDecided: outputsTo(claimAdjudicated, stages),
  };
}

/** What was added between two views. */
export const grownBy = (before: DemoCounts, after: DemoCounts): DemoCounts => ({
  consumed: after.consumed - before.consumed,
  accepted: after.accepted - before.accepted,
  duplicates: after.duplicates - before.duplicates,
  quarantined: after.quarantined - before.quarantined,
  late: after.late - before.late,
  windowsClosed: after.windowsClosed - before.windowsClosed,
  claimsDecided: after.claimsDecided - before.claimsDecided,
});
