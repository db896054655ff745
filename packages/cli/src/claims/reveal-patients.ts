import { topics } from '@vigil/contracts';
import { sealContext, unseal, type NamedKey } from '@vigil/core';
import type { Pool } from 'pg';
import { tokenPatient, type PatientOf } from './cycle-rows.ts';
import { rowsOf } from './read-decisions.ts';

interface SealedRow {
  readonly patient_token: string;
  readonly sealed: Buffer;
  readonly key_id: string;
}

interface Identity {
  readonly name?: string;
  readonly patient_id?: string;
}

/** What the seal of a patient's identity is bound to, as device-ingest makes it. */
const contextOf = (patientToken: string, keyId: string): string =>
  sealContext({ subject: `${topics.identityObserved.name}-value`, field: 'sealed', owner: patientToken, keyId });

/** `Doe, Jane` or `Jane Doe`: a last name and the rest. */
export function splitName(name: string): { readonly lastName: string; readonly firstName: string } {
  const [last = '', first] = name.split(',', 2).map((part) => part.trim());
  if (first !== undefined) return { lastName: last, firstName: first };
  const words = last.split(/\s+/);
  return { lastName: words.at(-1) as string, firstName: words.slice(0, -1).join(' ') };
}

const atOnce = 1000;

/**
 * Who some patients are. A patient that nobody told a name of, or whose seal was made with another key,
 * keeps the token.
 *
 * @param pool  of the role that may read sealed identities
 * @throws Error where a seal was tampered with
 */
export async function revealPatients(pool: Pool, key: NamedKey, patientTokens: ReadonlySet<string>): Promise<PatientOf> {
  const identities = new Map<string, Identity>();
  const tokens = [...patientTokens];
  for (let from = 0; from < tokens.length; from += atOnce) {
    const rows = await rowsOf<SealedRow>(
      pool,
      `SELECT patient_token, sealed, key_id FROM clinical.patient_identity WHERE patient_token = ANY ($1::text[]) AND key_id = $2`,
      [tokens.slice(from, from + atOnce), key.id],
    );
    for (const { patient_token: token, sealed } of rows) {
      identities.set(token, JSON.parse(unseal(key, contextOf(token, key.id), sealed).toString('utf8')) as Identity);
    }
  }
  return (decision) => {
    const known = identities.get(decision.patientToken);
    const name = known?.name?.trim() ?? '';
    if (name === '') return tokenPatient(decision);
    return { ...splitName(name), memberId: known?.patient_id ?? decision.memberToken };
  };
}
