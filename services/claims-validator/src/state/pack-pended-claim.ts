import { createPackedValues, schemas, type ClaimAdjudicated, type PendedClaim } from '@vigil/contracts';
import { keysAsTheyAre, type Packing } from '@vigil/kafka';

/** A claim has at most 25 by its format. Beyond these the record that takes a decision back does without. */
const mostDiagnoses = 100;

/**
 * A claim may be nearly as large as a row may be: what its decision says again of it is left away. It has no lines, and the
 * reasons stand beside it.
 */
const withoutClaim = (decision: ClaimAdjudicated): ClaimAdjudicated => ({
  ...decision,
  claimId: '',
  submittedClaimId: '',
  scope: '',
  providerId: '',
  diagnosisCodes: decision.diagnosisCodes.slice(0, mostDiagnoses),
  pendReasons: [],
  claimReasons: [],
});

const withClaim = ({ decision, claim: { claimId, scope, providerId } }: PendedClaim): ClaimAdjudicated => ({
  ...decision,
  claimId,
  submittedClaimId: claimId,
  scope,
  providerId,
});

const whole = createPackedValues<PendedClaim>(schemas.pendedClaim);

/** A claim that waits, once: its row is larger than the claim by its reasons and about a kilobyte. */
export const pendedClaimPacking: Packing<PendedClaim> = {
  keys: keysAsTheyAre,
  values: {
    pack: (pended) => whole.pack({ ...pended, decision: withoutClaim(pended.decision) }),
    unpack(packed) {
      const pended = whole.unpack(packed);
      return { ...pended, decision: withClaim(pended) };
    },
    write: whole.write,
  },
};
