import type { IdentityObserved } from '@vigil/contracts';
import type { Transaction } from '@vigil/postgres';

/** A sealed identity, or null where the registry withdrew the entry. */
export interface IdentityChange {
  readonly patientToken: string;
  readonly value: IdentityObserved | null;
}

const given = `unnest($1::text[], $2::bytea[], $3::text[], $4::timestamptz[]) AS given (patient_token, sealed, key_id, observed_at)`;

/** Two statements and no EXCLUDED, which would need the right to read what is sealed: this role only writes it. */
const updateSql = `
  UPDATE clinical.patient_identity AS i SET sealed = given.sealed, key_id = given.key_id, observed_at = given.observed_at
  FROM ${given} WHERE i.patient_token = given.patient_token AND given.observed_at >= i.observed_at`;
const insertSql = `
  INSERT INTO clinical.patient_identity (patient_token, sealed, key_id, observed_at)
  SELECT given.* FROM ${given} ON CONFLICT (patient_token) DO NOTHING`;

const nothing = Buffer.alloc(0);
const epoch = new Date(0);

/**
 * Keeps the last sealed identity of each patient, by the time it was observed. A withdrawn one is emptied: the row says
 * that there was one.
 *
 * @param changes  in log order
 * @returns the number of rows written
 */
export async function writeIdentities(transaction: Transaction, changes: readonly IdentityChange[]): Promise<number> {
  const last = new Map(changes.map((change) => [change.patientToken, change.value] as const));
  const rows = [...last].sort(([a], [b]) => (a < b ? -1 : 1));
  const observed = rows.filter((row): row is [string, IdentityObserved] => row[1] !== null);
  const withdrawn = rows.flatMap(([token, value]) => (value === null ? [token] : []));
  if (withdrawn.length > 0) {
    await transaction.query(
      `UPDATE clinical.patient_identity SET sealed = $2, key_id = '', observed_at = $3 WHERE patient_token = ANY ($1::text[])`,
      [withdrawn, nothing, epoch],
    );
  }
  if (observed.length > 0) {
    const values = [
      observed.map(([token]) => token),
      observed.map(([, value]) => value.sealed),
      observed.map(([, value]) => value.keyId),
      observed.map(([, value]) => new Date(value.observedAt)),
    ];
    await transaction.query(updateSql, values);
    await transaction.query(insertSql, values);
  }
  return rows.length;
}
