import type { ClaimAdjudicated } from '@vigil/contracts';

type Line = ClaimAdjudicated['lines'][number];

const nothing = { chargeCents: 0, allowedCents: 0, paidCents: 0, patientCents: 0 } as const;
const emptied = (line: Line): Line => ({ ...line, ...nothing, denied: false, adjustments: [], rarc: [], reasons: [] });

/**
 * How a submission stands today: its last decision, or where that was taken back, and of a void, `reversed` and no money. So
 * sums over submissions are what was really charged and paid; what had been decided is told by `vigil claims explain`.
 *
 * @param reversedBy  the reversal that took `decision` back; null = it stands
 */
export function standingOf(decision: ClaimAdjudicated, reversedBy: string | null): ClaimAdjudicated {
  if (decision.kind !== 'reversal' && reversedBy === null) return decision;
  return { ...decision, ...nothing, outcome: 'reversed', pendReasons: [], lines: decision.lines.map(emptied) };
}
