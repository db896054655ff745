import type { AvroSchema, AvroWriter } from '@vigil/contracts';

/** A changelog record where it lies: its key, and its value in wire format; `from` is −1 for a tombstone. */
export interface LyingRow {
  readonly bytes: Buffer;
  readonly keyFrom: number;
  readonly keyTo: number;
  readonly from: number;
  readonly to: number;
}

/** Decodes the value of a row that was kept, into the shape of the store's schema. */
export type RowDecoder = (bytes: Buffer, from: number, to: number) => object;

/** One record for a store's changelog. `value: null` is a tombstone. */
export interface StoreChange {
  readonly key: string;
  readonly value: object | null;
}

/**
 * State of one task, changed by handlers inside a batch and kept by a changelog.
 *
 * The engine calls, per batch: handlers work on `view`; `changes()` is written to the changelog inside the
 * transaction; then `merge()` once the commit is known to have happened, or `rollback()` on any error. A reader of
 * `view` sees its own uncommitted changes. On restore every changelog record is given to `restore` in log order.
 */
export interface StateStore<View> {
  readonly view: View;
  restore(key: string, value: object | null): void;
  /**
   * Takes a changelog record as bytes, copied, to be decoded when its content is first asked for; it counts as restored.
   * False = it is to be decoded now and given to `restore`. What the store shows must be the same either way.
   */
  keep?(row: LyingRow): boolean;
  /** The changes of the open batch, coalesced: at most one per key. */
  changes(): readonly StoreChange[];
  /** How many keys the open batch changed so far, roughly: a transaction is bounded by what it writes. Asked after every record. */
  changeCount(): number;
  /** Bytes of those rows, roughly, for the same bound. 0 where a row is small whatever comes: then their count bounds them. */
  changedBytes(): number;
  merge(): void;
  rollback(): void;
  /** Forgets everything, before a restore. */
  clear(): void;
}

/** How a task opens one of its stores; `schema` is the Avro schema of its changelog's values. */
export interface StoreSpec<View = unknown> {
  readonly schema: AvroSchema;
  /** Writes what `changes()` gives as values of `schema`, straight from the state. Absent where they are such values already. */
  readonly write?: AvroWriter<object>;
  /** @param decode  for rows that are kept as bytes; where it is absent none are given */
  open(decode?: RowDecoder): StateStore<View>;
}

/** What handlers see of a keyed store. What `get` returns must not be changed; what `edit` returns may be. */
export interface KeyedView<Value> {
  get(key: string): Readonly<Value> | undefined;
  /** The value to change in place, copied once per batch; created when absent. Marks the key as changed. */
  edit(key: string, create: () => Value): Value;
  put(key: string, value: Value): void;
  delete(key: string): void;
  keys(): IterableIterator<string>;
}
