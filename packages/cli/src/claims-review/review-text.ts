import { mask } from '../dlq/mask-value.ts';
import { needsSecondPerson, stateOf, type Proposal, type Review, type ReviewState } from './review.ts';

/** A review as it is shown: without what identifies, unless it is revealed. */
export interface ShownReview {
  readonly reviewId: string;
  readonly state: ReviewState;
  readonly requestedAt: string;
  readonly chargeCents: number;
  readonly needsSecondPerson: boolean;
  readonly claimId: string;
  readonly reasons: Review['reasons'];
  readonly proposal: Omit<Proposal, 'decidedAtMs'> | null;
  readonly decidedAt: string | null;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** `claim` = whether the claim's identifier is shown. */
export function showReview(
  review: Review,
  { defaultCents, claim }: { readonly defaultCents: number; readonly claim: 'masked' | 'shown' },
): ShownReview {
  const { proposal } = review;
  const { decidedAtMs = null, ...ruling } = proposal ?? {};
  return {
    reviewId: review.reviewId,
    state: stateOf(review),
    requestedAt: iso(review.requestedAtMs),
    chargeCents: review.chargeCents,
    needsSecondPerson: proposal?.needsSecond ?? needsSecondPerson(review, defaultCents),
    claimId: claim === 'shown' ? review.claimId : mask,
    reasons: review.reasons,
    proposal: proposal && (ruling as Omit<Proposal, 'decidedAtMs'>),
    decidedAt: decidedAtMs === null ? null : iso(decidedAtMs),
  };
}

const dollars = (cents: number): string => (cents / 100).toFixed(2);
const reasonText = ({ code, field, line }: Review['reasons'][number]): string =>
  `${code}${field === '' ? '' : ` ${field}`}${line === 0 ? '' : ` (line ${line})`}`;

/** One line a review. */
export const reviewLine = ({ reviewId, state, chargeCents, needsSecondPerson: second, reasons }: ShownReview): string =>
  `${reviewId}  ${state.padEnd(9)}  ${dollars(chargeCents).padStart(10)}${second ? '  two people' : ''}  ${reasons.map(reasonText).join(', ')}`;

const rulingText = ({ decision, group, carc, rarc, proposedBy, confirmedBy, reason }: NonNullable<ShownReview['proposal']>): string =>
  [
    `  ${decision}${decision === 'deny' ? ` ${group}-${carc}${rarc.length > 0 ? ` ${rarc.join(' ')}` : ''}` : ''}`,
    `by ${proposedBy}${confirmedBy === null ? '' : `, confirmed by ${confirmedBy}`}: ${JSON.stringify(reason)}`,
  ].join(' ');

/** A review with its reasons and what was proposed, a line each. */
export const reviewText = (review: ShownReview): string =>
  [
    reviewLine({ ...review, reasons: [] }).trimEnd(),
    `  claim ${review.claimId}, since ${review.requestedAt}`,
    ...review.reasons.map((reason) => `  ${reasonText(reason)}`),
    ...(review.proposal ? [rulingText(review.proposal)] : []),
  ].join('\n');
