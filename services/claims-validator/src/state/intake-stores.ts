import { schemas, type SeenClaim, type SeenIdentity } from '@vigil/contracts';
import { packedStore, type KeyedView } from '@vigil/kafka';
import type { WorkflowInForce } from '../claims-parameters.ts';
import { seenClaimPacking } from './pack-seen-claim.ts';

/** What came under each claim id. Never forgotten: a claim may be sent again after years. */
export const seenClaimsStore = packedStore<SeenClaim>(schemas.seenClaim, seenClaimPacking);

/** What was last told of each patient. */
export const seenIdentitiesStore = packedStore<SeenIdentity>(schemas.seenIdentity);

export interface IntakeStores {
  /** Absent where the rules never change. */
  readonly parameters?: WorkflowInForce;
  readonly claims: KeyedView<SeenClaim>;
  readonly identities: KeyedView<SeenIdentity>;
}
