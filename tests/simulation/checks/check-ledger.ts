import type { BatchProgressed } from '@vigil/contracts';
import type { SentRecord } from '../sim-world.ts';
import type { Violation } from './violation.ts';

type Counted = 'consumed' | 'processed' | 'late' | 'duplicate' | 'rejected' | 'suppressed';

export const sumOf = (rows: readonly BatchProgressed[], pick: (row: BatchProgressed) => number): number =>
  rows.reduce((sum, row) => sum + pick(row), 0);

export const rowName = ({ subStage, topic, partition, firstOffset, batchId }: BatchProgressed): string =>
  JSON.stringify([subStage, topic, partition, firstOffset, batchId]);

export const expectEqual = (what: string, found: number, wanted: number): readonly Violation[] =>
  found === wanted ? [] : [{ invariant: 'I1', detail: `the ledger tells ${found} ${what}, there are ${wanted}` }];

/** Each row once, and in itself of one piece. */
export function checkRows(ledger: readonly BatchProgressed[]): readonly Violation[] {
  const violations: Violation[] = [];
  const seen = new Set<string>();
  for (const row of ledger) {
    const name = rowName(row);
    if (seen.has(name)) violations.push({ invariant: 'I1', detail: `two ledger rows ${name}` });
    seen.add(name);
    const { consumed, processed, late, duplicate, rejected, suppressed } = row;
    if (consumed !== processed + late + duplicate + rejected + suppressed)
      violations.push({ invariant: 'I1', detail: `the ledger row ${name} does not add up` });
  }
  return violations;
}

export interface LedgerEvidence {
  readonly ledger: readonly BatchProgressed[];
  readonly sources: readonly { readonly name: string }[];
  readonly consumed: readonly SentRecord[];
  /** Records found in each output. */
  readonly outputs: Readonly<Record<string, number>>;
  /** What each disposition must add up to, over sources and ways back. */
  readonly dispositions: Partial<Record<Exclude<Counted, 'consumed'>, number>>;
}

/** The ledger, by its own account, against what was sent and what came out. */
export const checkLedger = ({ ledger, sources, consumed, outputs, dispositions }: LedgerEvidence): readonly Violation[] => [
  ...sources.flatMap(({ name }) => {
    const rows = ledger.filter(({ topic }) => topic === name);
    const wanted = consumed.filter(({ topic }) => topic === name).length;
    return expectEqual(
      `consumed of ${name}`,
      sumOf(rows, (row) => row.consumed),
      wanted,
    );
  }),
  ...Object.entries(outputs).flatMap(([topic, count]) =>
    expectEqual(
      `records of ${topic}`,
      sumOf(ledger, (row) => row.outputs[topic] ?? 0),
      count,
    ),
  ),
  ...Object.entries(dispositions).flatMap(([disposition, count]) =>
    expectEqual(
      disposition,
      sumOf(ledger, (row) => row[disposition as Counted]),
      count,
    ),
  ),
];
