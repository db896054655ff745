import type { ParsedClaim } from '@vigil/claim-formats';
import { memberTokenOf, nameTokenOf, patientTokenOf, policyTokenOf } from '@vigil/contracts';
import { boundedMemo, tokenOf, type NamedKey } from '@vigil/core';

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

/** Members of a large plan; beyond it the oldest are computed again. */
const rememberedMembers = 100_000;

/** Tokens of the same policies and members come again and again: they are remembered. */
function rememberTokens(key: NamedKey) {
  const policyToken = boundedMemo(rememberedMembers, (policyNumber) => policyTokenOf(key, policyNumber));
  const patientToken = boundedMemo(rememberedMembers, (patientId) => patientTokenOf(key, patientId));
  // The length of the policy number says where it ends, whatever characters it is of.
  const memberToken = boundedMemo(rememberedMembers, (joined) => {
    const from = joined.indexOf(' ') + 1;
    const end = from + Number(joined.slice(0, from));
    return memberTokenOf(key, { policyNumber: joined.slice(from, end), patientId: joined.slice(end) });
  });
  return {
    policyToken,
    patientToken,
    memberToken: (policyNumber: string, patientId: string) => memberToken(`${policyNumber.length} ${policyNumber}${patientId}`),
  };
}

/**
 * Replaces identity by tokens under a key. A claim that names no patient gets a token of its own in the patient's place: it waits for a
 * person anyway, and must neither be taken for another's nor share a place in the order with all that name nobody.
 */
export function claimTokenMaker(key: NamedKey): (claim: ParsedClaim) => ClaimTokens {
  const tokens = rememberTokens(key);
  return (claim) => {
    const { policyNumber, patient, subscriber } = claim;
    const policyToken = tokens.policyToken(policyNumber);
    const patientToken = patient.id === '' ? tokenOf(key, 'claim', `${claim.scope}\0${claim.claimId}`) : tokens.patientToken(patient.id);
    return {
      policyToken,
      patientToken,
      memberToken: tokens.memberToken(policyNumber, patient.id),
      subscriberToken: tokens.memberToken(policyNumber, subscriber.id === '' ? patient.id : subscriber.id),
      nameToken: nameTokenOf(key, patient),
      orderingKey: policyToken === '' ? patientToken : policyToken,
    };
  };
}
