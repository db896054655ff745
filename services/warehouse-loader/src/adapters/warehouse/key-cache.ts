import { VigilError } from '@vigil/core';
import type { Transaction } from '@vigil/postgres';

/** Surrogate keys by natural key. What a transaction found counts only once that transaction is committed. */
export interface KeyCache {
  /** The keys of `naturalKeys`, made where they are missing. */
  keysOf(transaction: Transaction, naturalKeys: ReadonlySet<string>, loadId: number): Promise<ReadonlyMap<string, number>>;
}

export type FindOrCreateKeys = (
  transaction: Transaction,
  missing: readonly string[],
  loadId: number,
) => Promise<readonly { readonly key: number; readonly natural: string }[]>;

/** Far more than one loader's patients; when it is full it starts anew. */
const maxEntries = 500_000;

/**
 * Remembers keys between batches. `transaction` objects are weak keys: what was found in a transaction that was rolled
 * back is forgotten with it, because only `commit` makes it known to others.
 */
export class CommittedKeys implements KeyCache {
  readonly #findOrCreate: FindOrCreateKeys;
  readonly #maxEntries: number;
  #known = new Map<string, number>();

  constructor(findOrCreate: FindOrCreateKeys, limit = maxEntries) {
    this.#findOrCreate = findOrCreate;
    this.#maxEntries = limit;
  }

  async keysOf(transaction: Transaction, naturalKeys: ReadonlySet<string>, loadId: number): Promise<ReadonlyMap<string, number>> {
    const keys = new Map<string, number>();
    const missing: string[] = [];
    for (const natural of naturalKeys) {
      const key = this.#known.get(natural);
      if (key === undefined) missing.push(natural);
      else keys.set(natural, key);
    }
    if (missing.length === 0) return keys;
    // Sorted, so that two transactions that make the same keys wait for each other in one order only.
    for (const { key, natural } of await this.#findOrCreate(transaction, missing.sort(), loadId)) keys.set(natural, key);
    if (keys.size !== naturalKeys.size) throw new VigilError('DATABASE_CONFLICT', { detail: 'A dimension row vanished.' });
    return keys;
  }

  /** The transaction that found `keys` was committed. */
  commit(keys: ReadonlyMap<string, number>): void {
    if (this.#known.size + keys.size > this.#maxEntries) this.#known = new Map();
    for (const [natural, key] of keys) this.#known.set(natural, key);
  }
}
