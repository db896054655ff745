import { seal, sealContext, type NamedKey } from '@vigil/core';
import type { IdentityObserved } from '../generated/types.ts';
import { topics } from '../topics.ts';

/**
 * Who told of a patient: a hospital's registry, or a record that names its patient in passing (`claims`: a claim, a visit, a
 * row of a trial). What a registry tells goes before what those tell.
 */
export type IdentitySource = 'registry' | 'claims';

export interface ToldIdentity {
  readonly patientToken: string;
  readonly source: IdentitySource;
  /** What identifies, by the names of `docs/guides/publish-from-a-device.md`; without what was not told. */
  readonly identity: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly observedAt: number;
}

export interface Sealing {
  readonly dataKey: NamedKey;
  /** Random bytes for the seal's nonce. */
  readonly random: (size: number) => Buffer;
}

/** What the seal of a patient's identity is bound to: it opens for no other patient and in no other field. */
export const identityContext = (patientToken: string, keyId: string): string =>
  sealContext({ subject: `${topics.identityObserved.name}-value`, field: 'sealed', owner: patientToken, keyId });

/** A record of `patients.identity.observed.v1`. `told` counts the fields of a claim's identity; a registry's entry stands as it is. */
export function sealIdentity({ patientToken, source, identity, observedAt }: ToldIdentity, { dataKey, random }: Sealing): IdentityObserved {
  const plain = Buffer.from(JSON.stringify(identity), 'utf8');
  const sealed = seal(dataKey, identityContext(patientToken, dataKey.id), plain, random);
  return { patientToken, sealed, keyId: dataKey.id, observedAt, source, told: source === 'claims' ? Object.keys(identity).length : 0 };
}

/**
 * Key of an identity record: the patient token alone for the registry's; for what claims tell, followed by the names of the
 * fields. So compaction never drops what tells more for what came later and tells less.
 */
export const identityKeyOf = ({ patientToken, source, identity }: Omit<ToldIdentity, 'observedAt'>): string =>
  source === 'registry' ? patientToken : `${patientToken} claims ${Object.keys(identity).sort().join('+')}`;

/** The patient that a record of that key is about. */
export const patientTokenOfKey = (key: string): string => key.split(' ', 1)[0] as string;

/** Whom a record of that key is about, and who tells or withdraws it: a tombstone has nothing but its key. */
export const identitySubjectOf = (key: string): { readonly patientToken: string; readonly source: IdentitySource } => ({
  patientToken: patientTokenOfKey(key),
  source: key.includes(' ') ? 'claims' : 'registry',
});
