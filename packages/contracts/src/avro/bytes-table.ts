const noBytes: Buffer = Buffer.alloc(0);
const leastSlots = 1024;

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** A key within something larger. */
interface Lying {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

/** The last twelve bytes tell identifiers apart better than the first. */
function hashOf(bytes: Buffer, view: DataView, from: number, to: number): number {
  let hash = to - from;
  if (hash >= 12) for (let at = to - 12; at < to; at += 4) hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1);
  else for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  // A multiplication moves bits up only; the slot is taken from the lowest.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

/**
 * Values by the UTF-8 bytes of their keys, found where the bytes lie in something larger: a look-up makes no string.
 * The key of a value that is deleted keeps its place until the table grows.
 */
export class BytesTable<Value> {
  /** By slot the hash and behind it entry + 1 (0 = free): side by side, as each look into memory costs. A power of two, at most half full. */
  #slots = new Int32Array(2 * leastSlots);
  #hashes = new Int32Array(leastSlots / 2);
  /** Where each entry's key begins in `#keys`, and behind the last entry where the next one will. */
  #starts = new Int32Array(leastSlots / 2 + 1);
  #keys: Buffer = Buffer.allocUnsafeSlow(leastSlots * 16);
  #keysView = viewOf(this.#keys);
  #values: (Value | undefined)[] = [];
  /** What was looked into last: a batch's records share their bytes. */
  #bytes = noBytes;
  #view = viewOf(noBytes);

  get(bytes: Buffer, from: number, to: number): Value | undefined {
    if (bytes !== this.#bytes) this.#look(bytes);
    const entry = this.#entryOf(bytes, this.#view, from, to, hashOf(bytes, this.#view, from, to));
    return entry < 0 ? undefined : this.#values[entry];
  }

  set(key: string, value: Value): void {
    const bytes = Buffer.from(key, 'utf8');
    this.#put(viewOf(bytes), { bytes, from: 0, to: bytes.length }, value);
  }

  /** Under the key that lies from `from` to `to`. */
  setAt(bytes: Buffer, from: number, to: number, value: Value): void {
    if (bytes !== this.#bytes) this.#look(bytes);
    this.#put(this.#view, { bytes, from, to }, value);
  }

  delete(key: string): void {
    const bytes = Buffer.from(key, 'utf8');
    const view = viewOf(bytes);
    const entry = this.#entryOf(bytes, view, 0, bytes.length, hashOf(bytes, view, 0, bytes.length));
    if (entry >= 0) this.#values[entry] = undefined;
  }

  deleteAt(bytes: Buffer, from: number, to: number): void {
    if (bytes !== this.#bytes) this.#look(bytes);
    const entry = this.#entryOf(bytes, this.#view, from, to, hashOf(bytes, this.#view, from, to));
    if (entry >= 0) this.#values[entry] = undefined;
  }

  clear(): void {
    this.#slots.fill(0);
    this.#values = [];
  }

  #look(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }

  #entryOf(bytes: Buffer, view: DataView, from: number, to: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = (hash << 1) & mask; ; slot = (slot + 2) & mask) {
      const entry = (slots[slot + 1] as number) - 1;
      if (entry < 0 || (slots[slot] === hash && this.#equals(entry, bytes, view, from, to))) return entry;
    }
  }

  /** Four bytes at a time. */
  #equals(entry: number, bytes: Buffer, view: DataView, from: number, to: number): boolean {
    const start = this.#starts[entry] as number;
    const length = to - from;
    if ((this.#starts[entry + 1] as number) - start !== length) return false;
    let at = 0;
    for (; at + 4 <= length; at += 4) if (this.#keysView.getInt32(start + at, true) !== view.getInt32(from + at, true)) return false;
    for (; at < length; at++) if (this.#keys[start + at] !== bytes[from + at]) return false;
    return true;
  }

  #put(view: DataView, { bytes, from, to }: Lying, value: Value): void {
    const hash = hashOf(bytes, view, from, to);
    const known = this.#entryOf(bytes, view, from, to, hash);
    if (known >= 0) this.#values[known] = value;
    else this.#add({ bytes, from, to }, hash, value);
  }

  #add(key: Lying, hash: number, value: Value): void {
    const entry = this.#values.length;
    if (entry === this.#hashes.length) {
      this.#grow();
      return this.#add(key, hash, value);
    }
    const { bytes, from, to } = key;
    const start = entry === 0 ? 0 : (this.#starts[entry] as number);
    const end = start + to - from;
    this.#starts[entry] = start;
    this.#starts[entry + 1] = end;
    if (end > this.#keys.length) this.#makeRoom(end);
    bytes.copy(this.#keys, start, from, to);
    this.#hashes[entry] = hash;
    this.#values.push(value);
    this.#occupy(entry, hash);
  }

  #occupy(entry: number, hash: number): void {
    const mask = this.#slots.length - 1;
    let slot = (hash << 1) & mask;
    while (this.#slots[slot + 1] !== 0) slot = (slot + 2) & mask;
    this.#slots[slot] = hash;
    this.#slots[slot + 1] = entry + 1;
  }

  #makeRoom(least: number): void {
    const keys = Buffer.allocUnsafeSlow(Math.max(2 * this.#keys.length, least));
    this.#keys.copy(keys);
    this.#keys = keys;
    this.#keysView = viewOf(keys);
  }

  /** Twice the room, or as much again where half the entries were deleted; deleted ones are forgotten. */
  #grow(): void {
    const alive = this.#values.reduce((count, value) => (value === undefined ? count : count + 1), 0);
    if (alive === this.#values.length) this.#doubleRoom();
    else this.#forgetDeleted(alive > this.#values.length / 2 ? 2 * this.#hashes.length : this.#hashes.length);
  }

  /** All entries stay where they are: only their slots are others. */
  #doubleRoom(): void {
    const capacity = 2 * this.#hashes.length;
    const { hashes, starts } = { hashes: this.#hashes, starts: this.#starts };
    this.#slots = new Int32Array(4 * capacity);
    this.#hashes = new Int32Array(capacity);
    this.#starts = new Int32Array(capacity + 1);
    this.#hashes.set(hashes);
    this.#starts.set(starts);
    for (let entry = 0; entry < hashes.length; entry++) this.#occupy(entry, hashes[entry] as number);
  }

  #forgetDeleted(capacity: number): void {
    const old = { keys: this.#keys, starts: this.#starts, hashes: this.#hashes, values: this.#values };
    this.#slots = new Int32Array(4 * capacity);
    this.#hashes = new Int32Array(capacity);
    this.#starts = new Int32Array(capacity + 1);
    this.#keys = Buffer.allocUnsafeSlow(old.keys.length);
    this.#keysView = viewOf(this.#keys);
    this.#values = [];
    for (const [entry, value] of old.values.entries()) {
      if (value === undefined) continue;
      const [from, to] = [old.starts[entry] as number, old.starts[entry + 1] as number];
      this.#add({ bytes: old.keys, from, to }, old.hashes[entry] as number, value);
    }
  }
}
