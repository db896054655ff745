import type { ClosedReview, PendedClaim } from '@vigil/contracts';
import type { Day } from '../domain/claim-world.ts';
import { keptDays } from '../state/claim-book.ts';
import type { ClaimStores } from '../state/claim-stores.ts';

/** Remembers that a review is closed, as long as a decision is; with each the oldest ones are forgotten. */
export function closeReview({ reviews }: ClaimStores, { reviewId, claim }: PendedClaim, today: Day): void {
  reviews.put(reviewId, { submissionId: claim.submissionId, closedOn: today });
  for (const key of reviews.keys()) {
    const { closedOn } = reviews.get(key) as ClosedReview;
    if (today - closedOn <= keptDays) return;
    reviews.delete(key);
  }
}
