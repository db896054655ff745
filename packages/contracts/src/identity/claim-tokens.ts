import { tokenOf, type NamedKey } from '@vigil/core';

/** What names a member of a policy, in the clear; empty = not told. */
export interface MemberIdentifiers {
  readonly policyNumber: string;
  readonly patientId: string;
}

const joined = (...parts: readonly string[]): string => parts.join('\0');

/** Upper-case letters without their accents: `O'Brien-José` and `OBRIEN JOSE` are one name. */
const lettersOf = (name: string): string =>
  name
    .normalize('NFKD')
    .toUpperCase()
    .replaceAll(/[^\p{L}]/gu, '');

/** Token of a policy, or of none: empty. */
export const policyTokenOf = (key: NamedKey, policyNumber: string): string =>
  policyNumber === '' ? '' : tokenOf(key, 'policy', policyNumber);

/** Token of a patient: the one that device-ingest gives the same identifier. */
export const patientTokenOf = (key: NamedKey, patientId: string): string => tokenOf(key, 'patient', patientId);

/** Token of a member under its policy; empty where either is not told. */
export const memberTokenOf = (key: NamedKey, { policyNumber, patientId }: MemberIdentifiers): string =>
  policyNumber === '' || patientId === '' ? '' : tokenOf(key, 'member', joined(policyNumber, patientId));

/** Keyed hash of a name, to compare two of them; null where none is told. */
export function nameTokenOf(key: NamedKey, name: { readonly lastName: string; readonly firstName: string }): string | null {
  const [last, first] = [lettersOf(name.lastName), lettersOf(name.firstName)];
  return last === '' && first === '' ? null : tokenOf(key, 'name', `${last}|${first}`);
}
