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
    INSERT INTO ${table} (${natural}, ${attribute}, valid_from_load) SELECT n, a, $3 FROM unnest($1::text[], $2::text[]) AS given (n, a)
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
 * last.
 */
export class VersionedKeys {
  readonly #keys: CommittedKeys;
  readonly #turnSql: string;
  #current = new Map<string, string>();

  constructor(table: VersionedTable) {
    this.#keys = new CommittedKeys(findOrCreateVersions(table));
    const { key, natural } = table;
    this.#turnSql = `
      UPDATE ${table.table} d SET is_current = (d.${key} = ANY ($1::bigint[])),
        valid_to_load = CASE WHEN d.${key} = ANY ($1::bigint[]) THEN NULL ELSE COALESCE(d.valid_to_load, $2) END
      WHERE d.${natural} = ANY ($3::text[]) AND d.is_current IS DISTINCT FROM (d.${key} = ANY ($1::bigint[]))`;
  }

  /** @param names  in log order: of each entity the last one becomes current */
  async keysOf(transaction: Transaction, names: readonly string[], loadId: number): Promise<ReadonlyMap<string, number>> {
    const keys = await this.#keys.keysOf(transaction, new Set(names), loadId);
    const turned = [...new Map(names.map((name) => [naturalOf(name), name]))].filter(
      ([natural, name]) => this.#current.get(natural) !== name,
    );
    if (turned.length > 0) {
      await transaction.query(this.#turnSql, [turned.map(([, name]) => keys.get(name)), loadId, turned.map(([natural]) => natural)]);
    }
    return keys;
  }

  /** The transaction that found `keys` was committed. What is current is asked again where several versions were seen. */
  commit(keys: ReadonlyMap<string, number>): void {
    this.#keys.commit(keys);
    const seen = Map.groupBy(keys.keys(), naturalOf);
    for (const [natural, names] of seen) {
      if (names.length === 1) this.#current.set(natural, names[0] as string);
      else this.#current.delete(natural);
    }
    if (this.#current.size > mostRemembered) this.#current = new Map();
  }
}

const mostRemembered = 500_000;
