import type { ReviewDecided } from '@vigil/contracts';
import { rejected, suppressed } from '@vigil/core';
import type { Handler } from '@vigil/kafka';
import type { ClaimStores } from '../state/claim-stores.ts';
import { dayOfInstant } from '../state/day-of-instant.ts';
import { closeReview } from './close-review.ts';
import { decideSubmission } from './decide-submission.ts';
import type { OpenDesk } from './open-desk.ts';
import { bookKeyOf, recordKeyOf } from './submission.ts';

const isUsable = ({ decision, group, carc }: ReviewDecided): boolean =>
  decision === 'release' || (decision === 'deny' && group !== '' && carc !== '');

/** What a person decided about a claim that waits: it is adjudicated again, by what is known now. */
export const handleReview =
  (openDesk: OpenDesk): Handler<ReviewDecided, ClaimStores> =>
  ({ value: review, origin }, { stores }) => {
    if (!isUsable(review)) return rejected('BAD_REVIEW');
    const pended = stores.pended.get(review.submissionId);
    // What a person decided must not vanish: it waits in quarantine until the claim that it is about is known.
    if (pended?.reviewId !== review.reviewId)
      return stores.reviews.get(review.reviewId) ? suppressed('REVIEW_CLOSED') : rejected('REVIEW_UNKNOWN');
    const { claim, number, reasons, lookedAt } = pended;
    const key = recordKeyOf(claim);
    const today = dayOfInstant(origin.timestamp);
    const ownKey = bookKeyOf(key, claim.scope, claim.claimId);
    stores.pended.delete(claim.submissionId);
    closeReview(stores, pended, today);
    return decideSubmission(openDesk(stores), {
      claim,
      key,
      ownKey,
      place: ownKey,
      atMs: origin.timestamp,
      today,
      number: number + 1,
      review,
      hasTakenId: [...reasons, ...lookedAt].some(({ code }) => code === 'CONFLICTING_CLAIM'),
      asked: reasons,
      lookedAt: review.decision === 'release' ? [...lookedAt, ...reasons] : lookedAt,
    });
  };
