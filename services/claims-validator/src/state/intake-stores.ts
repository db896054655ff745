import { schemas, type SeenClaim, type SeenIdentity } from '@vigil/contracts';
import { keyedStore, type KeyedView } from '@vigil/kafka';

/** What came under each claim id. Never forgotten: a claim may be sent again after years. */
export const seenClaimsStore = keyedStore<SeenClaim>({
  schema: schemas.seenClaim,
  clone: ({ original, others, bytes }) => ({ original, others: [...others], bytes: [...bytes] }),
});

/** What was last told of each patient. */
export const seenIdentitiesStore = keyedStore<SeenIdentity>({ schema: schemas.seenIdentity, clone: (identity) => ({ ...identity }) });

export interface IntakeStores {
  readonly claims: KeyedView<SeenClaim>;
  readonly identities: KeyedView<SeenIdentity>;
}
