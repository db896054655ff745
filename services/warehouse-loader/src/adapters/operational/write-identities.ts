import type { IdentityObserved } from '@vigil/contracts';
import type { Transaction } from '@vigil/postgres';
import { identityEffects, type IdentityChange } from '../../domain/best-identity.ts';

const given = `unnest($1::text[], $2::bytea[], $3::text[], $4::timestamptz[], $5::text[], $6::int[])
  AS given (patient_token, sealed, key_id, observed_at, source, told)`;
/** The order of `replaces`. */
const rankOf = (row: string): string => `(${row}.source <> 'claims', ${row}.told, ${row}.observed_at)`;

/**
 * A new row first, then the ranked update: whoever inserts the same patient at the same time makes the insert wait, and the
 * update then compares with what was committed. No EXCLUDED, which would need the right to read what is sealed: this role
 * only writes it.
 */
const insertSql = `
  INSERT INTO clinical.patient_identity (patient_token, sealed, key_id, observed_at, source, told)
  SELECT given.* FROM ${given} ON CONFLICT (patient_token) DO NOTHING`;
const updateSql = `
  UPDATE clinical.patient_identity AS i SET sealed = given.sealed, key_id = given.key_id, observed_at = given.observed_at,
    source = given.source, told = given.told
  FROM ${given} WHERE i.patient_token = given.patient_token AND ${rankOf('given')} >= ${rankOf('i')}`;
const emptySql = `
  UPDATE clinical.patient_identity SET sealed = $2, key_id = '', observed_at = $3, source = 'claims', told = 0
  WHERE patient_token = ANY ($1::text[]) AND ($4 OR source = 'claims')`;

const nothing = Buffer.alloc(0);
const epoch = new Date(0);

/**
 * Keeps the best sealed identity of each patient (see `replaces`). A withdrawn one is emptied: the row says that there was
 * one, and anything that is told later takes its place.
 *
 * @param changes  in log order
 * @returns the number of patients concerned
 */
export async function writeIdentities(transaction: Transaction, changes: readonly IdentityChange[]): Promise<number> {
  // Sorted, so that two transactions wait for each other in one order only.
  const effects = [...identityEffects(changes)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const which of ['all', 'claims'] as const) {
    const tokens = effects.flatMap(([token, { emptied }]) => (emptied === which ? [token] : []));
    if (tokens.length > 0) await transaction.query(emptySql, [tokens, nothing, epoch, which === 'all']);
  }
  const told = effects.flatMap(([token, { best }]): [string, IdentityObserved][] => (best ? [[token, best]] : []));
  if (told.length > 0) {
    const values = [
      told.map(([token]) => token),
      told.map(([, value]) => value.sealed),
      told.map(([, value]) => value.keyId),
      told.map(([, value]) => new Date(value.observedAt)),
      told.map(([, value]) => value.source),
      told.map(([, value]) => value.told),
    ];
    await transaction.query(insertSql, values);
    await transaction.query(updateSql, values);
  }
  return effects.length;
}
