/** Small enough to stay in a core's cache on both sides, large enough that a system call for each costs nothing. */
const chunkBytes = 64 * 1024;
/** From here on one call into the runtime is faster than a loop. */
const shortText = 64;

export interface BytesMark {
  readonly full: number;
  readonly at: number;
}

/** Bytes in network order, collected in chunks: none is copied again while more come. */
export class ChunkedBytes {
  readonly #full: Buffer[] = [];
  #buffer = Buffer.allocUnsafeSlow(chunkBytes);
  #view = new DataView(this.#buffer.buffer);
  #at = 0;
  /** Bytes in full chunks. */
  #turned = 0;

  get length(): number {
    return this.#turned + this.#at;
  }

  int16(value: number): void {
    this.#reserve(2);
    this.#view.setInt16(this.#at, value);
    this.#at += 2;
  }

  int32(value: number): void {
    this.#reserve(4);
    this.#view.setInt32(this.#at, value);
    this.#at += 4;
  }

  /** @param value  a safe integer: two halves are written, the lower one unsigned */
  int64(value: number): void {
    this.#reserve(8);
    const high = Math.floor(value / 0x1_0000_0000);
    this.#view.setInt32(this.#at, high);
    this.#view.setUint32(this.#at + 4, value - high * 0x1_0000_0000);
    this.#at += 8;
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value);
    this.#at += 8;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = value;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  /** UTF-8 behind its length in bytes. */
  sizedText(text: string): void {
    this.#reserve(4 + text.length * 3);
    const from = this.#at + 4;
    const end = this.#ascii(text, from) ?? from + this.#buffer.write(text, from, 'utf8');
    this.#view.setInt32(this.#at, end - from);
    this.#at = end;
  }

  /** Where it stands now, for `rewind`. */
  mark(): BytesMark {
    return { full: this.#full.length, at: this.#at };
  }

  /** Takes back what was written since. */
  rewind({ full, at }: BytesMark): void {
    const turned = this.#full[full];
    if (turned) {
      this.#buffer = Buffer.from(turned.buffer as ArrayBuffer);
      this.#view = new DataView(this.#buffer.buffer);
      for (const { length } of this.#full.slice(full)) this.#turned -= length;
      this.#full.length = full;
    }
    this.#at = at;
  }

  /** All that was written; nothing may be written afterwards. */
  take(): readonly Buffer[] {
    return [...this.#full, this.#buffer.subarray(0, this.#at)];
  }

  /** Where a short text of ASCII ends; undefined where it is another. */
  #ascii(text: string, from: number): number | undefined {
    if (text.length > shortText) return undefined;
    const bytes = this.#buffer;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return undefined;
      bytes[from + index] = code;
    }
    return from + text.length;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes > this.#buffer.length) this.#turn(bytes);
  }

  #turn(bytes: number): void {
    this.#full.push(this.#buffer.subarray(0, this.#at));
    this.#turned += this.#at;
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(chunkBytes, bytes));
    this.#view = new DataView(this.#buffer.buffer);
    this.#at = 0;
  }
}
