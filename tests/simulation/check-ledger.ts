import type { BatchProgressed } from '@vigil/contracts';
import type { Check, Evidence, Violation } from './check-invariants.ts';
import { accepted, alarms, kinds, sources, windows } from './ward-topology.ts';

const sumOf = (rows: readonly BatchProgressed[], pick: (row: BatchProgressed) => number): number =>
  rows.reduce((sum, row) => sum + pick(row), 0);

const expectEqual = (what: string, found: number, wanted: number): readonly Violation[] =>
  found === wanted ? [] : [{ invariant: 'I1', detail: `the ledger tells ${found} ${what}, there are ${wanted}` }];

function checkRows({ ledger }: Evidence['observed']): readonly Violation[] {
  const violations: Violation[] = [];
  const seen = new Set<string>();
  for (const row of ledger) {
    const name = JSON.stringify([row.subStage, row.topic, row.partition, row.firstOffset, row.batchId]);
    if (seen.has(name)) violations.push({ invariant: 'I1', detail: `two ledger rows ${name}` });
    seen.add(name);
    const { consumed, processed, late, duplicate, rejected, suppressed } = row;
    if (consumed !== processed + late + duplicate + rejected + suppressed)
      violations.push({ invariant: 'I1', detail: `the ledger row ${name} does not add up` });
  }
  return violations;
}

/** Ledger, by its own account, against what was sent and what came out. */
export const checkLedger: Check = ({ observed, consumed }) => {
  const { ledger, letters } = observed;
  const ofKind = (kind: number): number => consumed.filter(({ planned }) => planned.sample?.kind === kind).length;
  const unique = new Set(consumed.filter(({ planned }) => planned.sample?.kind === kinds.sound).map(({ planned }) => planned.sample?.id));
  const output = (topic: string): number => sumOf(ledger, (row) => row.outputs[topic] ?? 0);
  const outputs = (
    [
      [accepted.name, observed.accepted],
      [windows.name, observed.windows],
      [alarms.name, observed.alarms],
    ] as const
  ).flatMap(([topic, records]) => expectEqual(`records of ${topic}`, output(topic), records.length));
  const perSource = sources.flatMap(({ name }) => {
    const rows = ledger.filter((row) => row.topic === name);
    return expectEqual(
      `consumed of ${name}`,
      sumOf(rows, (row) => row.consumed),
      consumed.filter(({ topic }) => topic === name).length,
    );
  });
  return [
    ...checkRows(observed),
    ...perSource,
    ...outputs,
    ...expectEqual(
      'rejected',
      sumOf(ledger, (row) => row.rejected),
      letters.length,
    ),
    ...expectEqual(
      'late',
      sumOf(ledger, (row) => row.late),
      observed.accepted.filter(({ value }) => value.isLate === 1).length,
    ),
    ...expectEqual(
      'processed or late',
      sumOf(ledger, (row) => row.processed + row.late),
      observed.accepted.length,
    ),
    ...expectEqual(
      'duplicates',
      sumOf(ledger, (row) => row.duplicate),
      ofKind(kinds.sound) - unique.size,
    ),
    ...expectEqual(
      'suppressed',
      sumOf(ledger, (row) => row.suppressed),
      ofKind(kinds.withheld),
    ),
  ];
};
