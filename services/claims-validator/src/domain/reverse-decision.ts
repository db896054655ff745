import type { AdjudicatedLine, ClaimAdjudicated, LineAdjustment } from '@vigil/contracts';

/** What is not the earlier decision's own: ids and times of the record that takes it back. */
export type ReversedBy = Pick<
  ClaimAdjudicated,
  'decisionId' | 'submissionId' | 'submittedClaimId' | 'number' | 'frequency' | 'receivedOn' | 'receivedAt' | 'decidedAt'
>;

/** Without a negative zero. */
const negated = (cents: number): number => (cents === 0 ? 0 : -cents);

const reverseAdjustment = ({ group, carc, cents }: LineAdjustment): LineAdjustment => ({ group, carc, cents: negated(cents) });

const reverseLine = (line: AdjudicatedLine): AdjudicatedLine => ({
  ...line,
  unitsThousandths: negated(line.unitsThousandths),
  chargeCents: negated(line.chargeCents),
  allowedCents: negated(line.allowedCents),
  paidCents: negated(line.paidCents),
  patientCents: negated(line.patientCents),
  adjustments: line.adjustments.map(reverseAdjustment),
});

/**
 * Takes a decision back: the same claim, lines and reasons with every amount and all units negated, so that the two add up to nothing. What
 * the decision added to the accumulators is given back by whoever kept it.
 *
 * @see X12 005010X221A1 § 1.10.2.8, reversals and corrections
 */
export const reverseDecision = (previous: ClaimAdjudicated, by: ReversedBy): ClaimAdjudicated => ({
  ...previous,
  ...by,
  kind: 'reversal',
  outcome: 'reversed',
  reverses: previous.decisionId,
  chargeCents: negated(previous.chargeCents),
  allowedCents: negated(previous.allowedCents),
  paidCents: negated(previous.paidCents),
  patientCents: negated(previous.patientCents),
  lines: previous.lines.map(reverseLine),
  pendReasons: [],
  reviewId: null,
});
