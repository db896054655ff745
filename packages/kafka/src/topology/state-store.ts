import type { AvroSchema, AvroWriter } from '@vigil/contracts';

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
  /** The changes of the open batch, coalesced: at most one per key. */
  changes(): readonly StoreChange[];
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
  open(): StateStore<View>;
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
