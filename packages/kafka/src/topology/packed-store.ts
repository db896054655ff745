import { createPackedValues, type AvroSchema, type AvroWriter, type PackedValues } from '@vigil/contracts';
import type { KeyedView, StateStore, StoreChange, StoreSpec } from './state-store.ts';

/** Keys in a form that takes less room; each comes back from it as it was. */
export interface PackedKeys {
  pack(key: string): string;
  unpack(packed: string): string;
}

/** How a store keeps its rows in memory, where that of the schema takes more room than need be. */
export interface Packing<Value> {
  readonly keys: PackedKeys;
  /** Its `write` writes a value of the store's schema. */
  readonly values: PackedValues<Value>;
}

export const keysAsTheyAre: PackedKeys = { pack: (key) => key, unpack: (key) => key };

/** What is written of a value: its packed form. The changelog's encoder takes objects. */
interface PackedRow {
  readonly packed: string;
}

interface PackedChange extends StoreChange {
  readonly value: PackedRow | null;
}

/**
 * Values are packed as soon as they are put, and unpacked at every `get`: for the garbage collector a million of them are a
 * million leaves, where as objects they would be twenty million. Only what `edit` handed out is an object until the commit.
 */
class PackedStore<Value extends object> implements StateStore<KeyedView<Value>>, KeyedView<Value> {
  readonly view: KeyedView<Value> = this;
  readonly #keys: PackedKeys;
  readonly #values: PackedValues<Value>;
  // Keys are packed in all of them.
  readonly #base = new Map<string, string>();
  /** Changed in the open batch; null is a deletion. */
  readonly #overlay = new Map<string, string | null>();
  /** Handed out to be changed; whatever the overlay holds under their keys is older. */
  readonly #edited = new Map<string, Value>();
  /** Of the packed values in the overlay. */
  #overlayBytes = 0;
  /** Of the packed values that were handed out, as they were then. */
  #editedBytes = 0;

  constructor({ keys, values }: Packing<Value>) {
    this.#keys = keys;
    this.#values = values;
  }

  get(key: string): Readonly<Value> | undefined {
    return this.#get(this.#keys.pack(key));
  }

  #get(key: string): Value | undefined {
    const edited = this.#edited.size === 0 ? undefined : this.#edited.get(key);
    if (edited !== undefined) return edited;
    const changed = this.#overlay.get(key);
    const packed = changed === undefined ? this.#base.get(key) : changed;
    return packed === undefined || packed === null ? undefined : this.#values.unpack(packed);
  }

  edit(name: string, create: () => Value): Value {
    const key = this.#keys.pack(name);
    const known = this.#edited.get(key);
    if (known) return known;
    const value = this.#get(key) ?? create();
    this.#edited.set(key, value);
    if (!this.#overlay.has(key)) this.#editedBytes += this.#base.get(key)?.length ?? 0;
    return value;
  }

  put(name: string, value: Value): void {
    const key = this.#keys.pack(name);
    this.#change(key, this.#values.pack(value));
    this.#edited.delete(key);
  }

  delete(name: string): void {
    const key = this.#keys.pack(name);
    this.#change(key, null);
    this.#edited.delete(key);
  }

  *keys(): IterableIterator<string> {
    this.#packEdited();
    for (const key of this.#base.keys()) if (this.#overlay.get(key) !== null) yield this.#keys.unpack(key);
    for (const [key, value] of this.#overlay) if (value !== null && !this.#base.has(key)) yield this.#keys.unpack(key);
  }

  restore(key: string, value: object | null): void {
    this.#set(this.#keys.pack(key), value && this.#values.pack(value as Value));
  }

  changes(): readonly PackedChange[] {
    this.#packEdited();
    const changes: PackedChange[] = [];
    for (const [key, packed] of this.#overlay)
      if (packed !== null || this.#base.has(key)) changes.push({ key: this.#keys.unpack(key), value: packed === null ? null : { packed } });
    return changes;
  }

  /** A key that was handed out after it was put counts twice: rather too many than a look at each of them. */
  changeCount(): number {
    return this.#overlay.size + this.#edited.size;
  }

  changedBytes(): number {
    return this.#overlayBytes + this.#editedBytes;
  }

  merge(): void {
    this.#packEdited();
    for (const [key, packed] of this.#overlay) this.#set(key, packed);
    this.rollback();
  }

  rollback(): void {
    this.#overlay.clear();
    this.#edited.clear();
    this.#overlayBytes = 0;
    this.#editedBytes = 0;
  }

  clear(): void {
    this.#base.clear();
    this.rollback();
  }

  /** What was written last stands last, as in the log. */
  #set(key: string, packed: string | null): void {
    this.#base.delete(key);
    if (packed !== null) this.#base.set(key, packed);
  }

  #change(key: string, packed: string | null): void {
    this.#overlayBytes += (packed?.length ?? 0) - (this.#overlay.get(key)?.length ?? 0);
    this.#overlay.set(key, packed);
  }

  /** They stay handed out: who holds one may go on changing it. */
  #packEdited(): void {
    for (const [key, value] of this.#edited) this.#change(key, this.#values.pack(value));
    this.#editedBytes = 0;
  }
}

/**
 * Like `keyedStore`, for stores of millions of values of which each batch touches few. Its values are of `schema`; its keys
 * come in the order in which they were last committed, before and after a restart.
 *
 * @param packing  how keys and values are kept in memory; by default keys as they are and values as they are written
 */
export function packedStore<Value extends object>(schema: AvroSchema, packing?: Packing<Value>): StoreSpec<KeyedView<Value>> {
  const { keys, values } = packing ?? { keys: keysAsTheyAre, values: createPackedValues<Value>(schema) };
  const write: AvroWriter<PackedRow> = ({ packed }, sink) => values.write(packed, sink);
  return { schema, write: write as AvroWriter<object>, open: () => new PackedStore<Value>({ keys, values }) };
}
