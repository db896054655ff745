import { expect, test } from '@jest/globals';
import type { PendedClaim } from '@vigil/contracts';
import { keptDays } from '../state/claim-book.ts';
import { claimStores, type ClaimStores } from '../state/claim-stores.ts';
import { closeReview } from './close-review.ts';

const day = 19_800;
const pended = (reviewId: string) => ({ reviewId, claim: { submissionId: `s-${reviewId}` } }) as PendedClaim;

test('a closed review is known as long as a decision is, and forgotten with the next that is closed', () => {
  const store = claimStores.reviews.open();
  const close = (reviewId: string, on: number): void => {
    closeReview({ reviews: store.view } as ClaimStores, pended(reviewId), on);
    store.merge();
  };
  close('a', day);
  close('b', day);
  close('c', day + 1);
  close('d', day + keptDays);
  expect([...store.view.keys()]).toEqual(['a', 'b', 'c', 'd']);

  close('e', day + keptDays + 1);
  expect([...store.view.keys()]).toEqual(['c', 'd', 'e']);
  expect(store.view.get('c')).toEqual({ submissionId: 's-c', closedOn: day + 1 });
});
