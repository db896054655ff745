import type { ParsedClaim } from '@vigil/claim-formats';
import { memberTokenOf, nameTokenOf, patientTokenOf, policyTokenOf } from '@vigil/contracts';
import { tokenOf, type NamedKey } from '@vigil/core';

/** What stands for the people of a claim from here on. */
export interface ClaimTokens {
  /** Empty where no policy is told. */
  readonly policyToken: string;
  readonly patientToken: string;
  readonly memberToken: string;
  readonly subscriberToken: string;
  readonly nameToken: string | null;
  /** What orders the claim among others: its policy, else its patient. */
  readonly orderingKey: string;
}

/**
 * Replaces identity by tokens. A claim that names no patient gets a token of its own in the patient's place: it waits for a
 * person anyway, and must neither be taken for another's nor share a place in the order with all that name nobody.
 */
export function claimTokensOf(claim: ParsedClaim, key: NamedKey): ClaimTokens {
  const { policyNumber, patient, subscriber } = claim;
  const policyToken = policyTokenOf(key, policyNumber);
  const patientToken = patient.id === '' ? tokenOf(key, 'claim', `${claim.scope}\0${claim.claimId}`) : patientTokenOf(key, patient.id);
  return {
    policyToken,
    patientToken,
    memberToken: memberTokenOf(key, { policyNumber, patientId: patient.id }),
    subscriberToken: memberTokenOf(key, { policyNumber, patientId: subscriber.id === '' ? patient.id : subscriber.id }),
    nameToken: nameTokenOf(key, patient),
    orderingKey: policyToken === '' ? patientToken : policyToken,
  };
}
