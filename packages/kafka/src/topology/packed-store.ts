import { compileReader, compileWriter, createWireEncoder, wireHeaderBytes, type AvroReader, type AvroSchema } from '@vigil/contracts';
import type { KeyedView, StateStore, StoreChange, StoreSpec } from './state-store.ts';

/** The bytes of a value, as they go into the changelog. */
interface PackedChange extends StoreChange {
  readonly value: Buffer | null;
}

/**
 * Committed values are Avro bodies in one-byte strings: for the garbage collector a million of them are a million leaves,
 * where decoded they would be twenty million objects. A value is decoded at every `get` and copied, by that, at every `edit`.
 */
class PackedStore<Value extends object> implements StateStore<KeyedView<Value>>, KeyedView<Value> {
  readonly view: KeyedView<Value> = this;
  readonly #base = new Map<string, string>();
  /** Changed in the open batch; null is a deletion. */
  readonly #overlay = new Map<string, Value | null>();
  readonly #read: AvroReader<Value>;
  readonly #pack: (value: object) => Buffer;
  #changes: readonly PackedChange[] | null = null;

  constructor(schema: AvroSchema) {
    this.#read = compileReader<Value>(schema);
    const write = compileWriter<object>(schema);
    const encode = createWireEncoder();
    this.#pack = (value) => encode(0, write, value).subarray(wireHeaderBytes);
  }

  get(key: string): Readonly<Value> | undefined {
    const changed = this.#overlay.get(key);
    return changed === undefined ? this.#committed(key) : (changed ?? undefined);
  }

  edit(key: string, create: () => Value): Value {
    this.#changes = null;
    const changed = this.#overlay.get(key);
    if (changed) return changed;
    const value = (changed === null ? undefined : this.#committed(key)) ?? create();
    this.#overlay.set(key, value);
    return value;
  }

  put(key: string, value: Value): void {
    this.#changes = null;
    this.#overlay.set(key, value);
  }

  delete(key: string): void {
    this.#changes = null;
    this.#overlay.set(key, null);
  }

  *keys(): IterableIterator<string> {
    for (const key of this.#base.keys()) if (this.#overlay.get(key) !== null) yield key;
    for (const [key, value] of this.#overlay) if (value !== null && !this.#base.has(key)) yield key;
  }

  restore(key: string, value: object | null): void {
    // What was written last stands last, as in the log.
    this.#base.delete(key);
    if (value !== null) this.#base.set(key, this.#pack(value).toString('latin1'));
  }

  changes(): readonly PackedChange[] {
    this.#changes ??= [...this.#overlay]
      .filter(([key, value]) => value !== null || this.#base.has(key))
      .map(([key, value]) => ({ key, value: value && this.#pack(value) }));
    return this.#changes;
  }

  merge(): void {
    for (const { key, value } of this.changes()) {
      this.#base.delete(key);
      if (value !== null) this.#base.set(key, value.toString('latin1'));
    }
    this.rollback();
  }

  rollback(): void {
    this.#overlay.clear();
    this.#changes = null;
  }

  clear(): void {
    this.#base.clear();
    this.rollback();
  }

  #committed(key: string): Value | undefined {
    const packed = this.#base.get(key);
    return packed === undefined ? undefined : this.#read(Buffer.from(packed, 'latin1'), 0);
  }
}

/**
 * Like `keyedStore`, for stores of millions of values of which each batch touches few. Its values are of `schema`; its keys
 * come in the order in which they were last committed, before and after a restart.
 */
export const packedStore = <Value extends object>(schema: AvroSchema): StoreSpec<KeyedView<Value>> => ({
  schema,
  write: (value, sink) => sink.fixed(value as Buffer),
  open: () => new PackedStore<Value>(schema),
});
