import { schemas, type ClosedReview, type KnownMember, type OwnedPots, type PendedClaim } from '@vigil/contracts';
import { keyedStore, packedStore, type KeyedView } from '@vigil/kafka';
import type { WorkflowInForce } from '../claims-parameters.ts';
import type { ReferenceTables } from '../reference/reference-tables.ts';
import { claimBookStore, type ClaimBook } from './claim-book.ts';
import { pendedClaimPacking } from './pack-pended-claim.ts';

/** Shallowly writable: what `edit` of a store hands out. */
export type Mutable<Value> = { -readonly [Field in keyof Value]: Value[Field] };

/** State of adjudication and, as handlers see them beside it, the reference tables. */
export interface ClaimStores extends ReferenceTables {
  /** Absent where the rules never change. */
  readonly parameters?: WorkflowInForce;
  /** By member token. */
  readonly members: KeyedView<KnownMember>;
  /** By owner: a member token, or a policy token for family pots. */
  readonly accumulators: KeyedView<Mutable<OwnedPots>>;
  readonly claims: ClaimBook;
  /** By submission. */
  readonly pended: KeyedView<PendedClaim>;
  /** By review. */
  readonly reviews: KeyedView<ClosedReview>;
}

export const claimStores = {
  members: packedStore<KnownMember>(schemas.knownMember),
  accumulators: packedStore<Mutable<OwnedPots>>(schemas.ownedPots),
  claims: claimBookStore,
  pended: packedStore<PendedClaim>(schemas.pendedClaim, pendedClaimPacking),
  reviews: keyedStore<ClosedReview>({ schema: schemas.closedReview, clone: (review) => ({ ...review }) }),
};
