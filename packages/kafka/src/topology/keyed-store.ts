import type { AvroSchema } from '@vigil/contracts';
import type { KeyedView, StateStore, StoreChange, StoreSpec } from './state-store.ts';

export interface KeyedStoreOptions<Value extends object> {
  /** Avro schema of the changelog's values. */
  readonly schema: AvroSchema;
  /** A copy that shares nothing mutable with the original: `edit` hands it out, so that a rollback keeps the original. */
  readonly clone: (value: Value) => Value;
}

/** Changed in the open batch; `null` is a deletion. */
type Overlay<Value> = Map<string, Value | null>;

function* keysOf<Value>(base: Map<string, Value>, overlay: Overlay<Value>): IterableIterator<string> {
  for (const key of base.keys()) if (overlay.get(key) !== null) yield key;
  for (const [key, value] of overlay) if (value !== null && !base.has(key)) yield key;
}

function openKeyedStore<Value extends object>({ clone }: KeyedStoreOptions<Value>): StateStore<KeyedView<Value>> {
  const base = new Map<string, Value>();
  const overlay: Overlay<Value> = new Map();
  const current = (key: string): Value | undefined => {
    const changed = overlay.get(key);
    return changed === undefined ? base.get(key) : (changed ?? undefined);
  };
  return {
    view: {
      get: current,
      edit(key, create) {
        const changed = overlay.get(key);
        if (changed) return changed;
        const kept = changed === null ? undefined : base.get(key);
        const value = kept ? clone(kept) : create();
        overlay.set(key, value);
        return value;
      },
      put: (key, value) => void overlay.set(key, value),
      delete: (key) => void overlay.set(key, null),
      keys: () => keysOf(base, overlay),
    },
    restore: (key, value) => void (value === null ? base.delete(key) : base.set(key, value as Value)),
    changes: () => {
      const changes: StoreChange[] = [];
      for (const [key, value] of overlay) if (value !== null || base.has(key)) changes.push({ key, value });
      return changes;
    },
    changeCount: () => overlay.size,
    // Its values are objects whose size nobody knows: for large ones there is `packedStore`.
    changedBytes: () => 0,
    merge() {
      for (const [key, value] of overlay) {
        if (value === null) base.delete(key);
        else base.set(key, value);
      }
      overlay.clear();
    },
    rollback: () => overlay.clear(),
    clear() {
      base.clear();
      overlay.clear();
    },
  };
}

/**
 * State by key, kept by a compacted changelog: one record per key changed in a commit, however often it changed.
 *
 * A handler that throws leaves nothing behind, because it worked on copies.
 */
export const keyedStore = <Value extends object>(options: KeyedStoreOptions<Value>): StoreSpec<KeyedView<Value>> => ({
  schema: options.schema,
  open: () => openKeyedStore(options),
});
