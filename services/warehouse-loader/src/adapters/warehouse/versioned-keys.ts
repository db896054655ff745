import type { Transaction } from '@vigil/postgres';
import { CommittedKeys, type FindOrCreateKeys } from './key-cache.ts';

/** A dimension with a row per version: an entity and the attribute that changes. Names are constants of the code. */
export interface VersionedTable {
  readonly table: string;
  readonly key: string;
  readonly natural: string;
  readonly attribute: string;
}

const separator = '\u0001';

/** Names a version by entity and attribute. */
export const versionName = (natural: string, attribute: string): string => `${natural}${separator}${attribute}`;

const naturalOf = (name: string): string => name.slice(0, name.indexOf(separator));

function findOrCreateVersions({ table, key, natural, attribute }: VersionedTable): FindOrCreateKeys {
  const createSql = `
    INSERT INTO ${table} (${natural}, ${attribute}, valid_from_load, is_current) SELECT n, a, $3, false FROM unnest($1::text[], $2::text[]) AS given (n, a)
    ON CONFLICT (${natural}, ${attribute}) DO NOTHING`;
  const findSql = `
    SELECT ${key} AS key, ${natural} || '${separator}' || ${attribute} AS natural FROM ${table}
    WHERE (${natural}, ${attribute}) IN (SELECT * FROM unnest($1::text[], $2::text[]))`;
  return async (transaction, names, loadId) => {
    const columns = [names.map(naturalOf), names.map((name) => name.slice(name.indexOf(separator) + 1))];
    await transaction.query(createSql, [...columns, loadId]);
    return (await transaction.query<{ key: number; natural: string }>(findSql, columns)).rows;
  };
}

/**
 * Keys of versions. A fact gets the key of the version that its own record told, whatever is current: decisions of one
 * provider come on many partitions, and nothing de-identified tells which of two was made first. Current is what was loaded
 * last, by whichever loader: so what is current is read from the table, never remembered.
 */
export class VersionedKeys {
  readonly #keys: CommittedKeys;
  readonly #staleSql: string;
  readonly #lockSql: string;
  readonly #endSql: string;
  readonly #turnSql: string;

  constructor(of: VersionedTable) {
    this.#keys = new CommittedKeys(findOrCreateVersions(of));
    const { table, key, natural } = of;
    this.#staleSql = `
      SELECT wanted.entity FROM unnest($1::bigint[], $2::text[]) AS wanted (version, entity)
      WHERE NOT EXISTS (SELECT FROM ${table} d WHERE d.${key} = wanted.version AND d.is_current)
         OR EXISTS (SELECT FROM ${table} d WHERE d.${natural} = wanted.entity AND NOT d.is_current AND d.valid_to_load IS NULL)`;
    // In one order, so that two transactions wait for each other one way only.
    this.#lockSql = `
      SELECT pg_advisory_xact_lock(lock) FROM (
        SELECT DISTINCT hashtextextended('${table} ' || entity, 0) AS lock FROM unnest($1::text[]) AS turned (entity) ORDER BY 1) sorted`;
    this.#endSql = `
      UPDATE ${table} d SET is_current = false, valid_to_load = COALESCE(d.valid_to_load, $2)
      WHERE d.${natural} = ANY ($3::text[]) AND d.${key} <> ALL ($1::bigint[]) AND (d.is_current OR d.valid_to_load IS NULL)`;
    this.#turnSql = `
      UPDATE ${table} d SET is_current = true, valid_to_load = NULL WHERE d.${key} = ANY ($1::bigint[]) AND NOT d.is_current`;
  }

  /** @param names  in log order: of each entity the last one becomes current */
  async keysOf(transaction: Transaction, names: readonly string[], loadId: number): Promise<ReadonlyMap<string, number>> {
    const keys = await this.#keys.keysOf(transaction, new Set(names), loadId);
    const last = [...new Map(names.map((name) => [naturalOf(name), name]))];
    const { rows } = await transaction.query<{ entity: string }>(this.#staleSql, [
      last.map(([, name]) => keys.get(name)),
      last.map(([natural]) => natural),
    ]);
    if (rows.length > 0) await this.#turn(transaction, { entities: new Set(rows.map(({ entity }) => entity)), last, keys, loadId });
    return keys;
  }

  /** Each statement after the lock sees what whoever held it before has committed. */
  async #turn(
    transaction: Transaction,
    { entities, last, keys, loadId }: Readonly<{ entities: ReadonlySet<string>; last: readonly [string, string][]; keys: ReadonlyMap<string, number>; loadId: number }>, // prettier-ignore
  ): Promise<void> {
    const naturals = [...entities];
    const versions = last.flatMap(([natural, name]) => (entities.has(natural) ? [keys.get(name)] : []));
    await transaction.query(this.#lockSql, [naturals]);
    await transaction.query(this.#endSql, [versions, loadId, naturals]);
    await transaction.query(this.#turnSql, [versions]);
  }

  /** The transaction that found `keys` was committed. */
  commit(keys: ReadonlyMap<string, number>): void {
    this.#keys.commit(keys);
  }
}
