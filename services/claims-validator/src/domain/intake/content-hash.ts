import { hash } from 'node:crypto';
import type { ParsedClaim, ParsedPerson } from '@vigil/claim-formats';
import { tokenOf, type NamedKey } from '@vigil/core';
import { canonicalText } from './canonical-text.ts';

/** People by a keyed hash: from an open one whoever knows the rest of the claim could try out names until it fits. */
const personOf = (person: ParsedPerson, key: NamedKey): string => tokenOf(key, 'claim-person', canonicalText(person));

/**
 * 128 bits over the claim as it was understood, as 32 hexadecimal digits. Everything that the claim tells counts, what could
 * not be read by its problem; how it came (format, order of members, white space) does not.
 */
export function contentHashOf(claim: ParsedClaim, key: NamedKey): string {
  const { format: _, patient, subscriber, policyNumber, ...told } = claim;
  const content = canonicalText({
    ...told,
    patient: personOf(patient, key),
    subscriber: personOf(subscriber, key),
    policyNumber: policyNumber === '' ? '' : tokenOf(key, 'policy', policyNumber),
  });
  return hash('sha256', `claim-content ${content}`, 'hex').slice(0, 32);
}
