import type { IdentityObserved } from '@vigil/contracts';
import type { Transaction } from '@vigil/postgres';
import { bestIdentities, type IdentityChange } from '../../domain/best-identity.ts';

const given = `unnest($1::text[], $2::bytea[], $3::text[], $4::timestamptz[], $5::text[], $6::int[])
  AS given (patient_token, sealed, key_id, observed_at, source, told)`;
/** The order of `replaces`. */
const rankOf = (row: string): string => `(${row}.source <> 'claims', ${row}.told, ${row}.observed_at)`;

/** Two statements and no EXCLUDED, which would need the right to read what is sealed: this role only writes it. */
const updateSql = `
  UPDATE clinical.patient_identity AS i SET sealed = given.sealed, key_id = given.key_id, observed_at = given.observed_at,
    source = given.source, told = given.told
  FROM ${given} WHERE i.patient_token = given.patient_token AND ${rankOf('given')} >= ${rankOf('i')}`;
const insertSql = `
  INSERT INTO clinical.patient_identity (patient_token, sealed, key_id, observed_at, source, told)
  SELECT given.* FROM ${given} ON CONFLICT (patient_token) DO NOTHING`;

const nothing = Buffer.alloc(0);
const epoch = new Date(0);

/**
 * Keeps the best sealed identity of each patient (see `replaces`). A withdrawn one is emptied: the row says that there was
 * one, and anything that is told later takes its place.
 *
 * @param changes  in log order
 * @returns the number of rows written
 */
export async function writeIdentities(transaction: Transaction, changes: readonly IdentityChange[]): Promise<number> {
  const rows = [...bestIdentities(changes)].sort(([a], [b]) => (a < b ? -1 : 1));
  const observed = rows.filter((row): row is [string, IdentityObserved] => row[1] !== null);
  const withdrawn = rows.flatMap(([token, value]) => (value === null ? [token] : []));
  if (withdrawn.length > 0) {
    await transaction.query(
      `UPDATE clinical.patient_identity SET sealed = $2, key_id = '', observed_at = $3, source = 'claims', told = 0
       WHERE patient_token = ANY ($1::text[])`,
      [withdrawn, nothing, epoch],
    );
  }
  if (observed.length > 0) {
    const values = [
      observed.map(([token]) => token),
      observed.map(([, value]) => value.sealed),
      observed.map(([, value]) => value.keyId),
      observed.map(([, value]) => new Date(value.observedAt)),
      observed.map(([, value]) => value.source),
      observed.map(([, value]) => value.told),
    ];
    await transaction.query(updateSql, values);
    await transaction.query(insertSql, values);
  }
  return rows.length;
}
