import { malformed, mismatched, unsafe } from './avro-errors.ts';
import type { InternedText } from './interned-text.ts';

/** Items of arrays and maps in one datum: bounds the memory that few bytes can ask for. */
const maxItems = 1 << 20;
/** Items that take no byte: nothing in the input bounds their number. */
const maxEmptyItems = 1 << 16;
const maxDepth = 128;

const float64 = new Float64Array(1);
const float64Bytes = new Uint8Array(float64.buffer);
const float32 = new Float32Array(1);
const float32Bytes = new Uint8Array(float32.buffer);
const nothing = Buffer.alloc(0);

/**
 * Reads Avro's primitives from bytes nobody has checked. Every read is bounded by the end of the input, every count by
 * what the remaining bytes can hold; generated readers are made of calls to it.
 */
export class AvroCursor {
  #bytes: Buffer = nothing;
  #at = 0;
  #end = 0;
  #items = 0;
  #emptyItems = 0;
  #depth = 0;

  open(bytes: Buffer, offset: number, end: number): void {
    this.#bytes = bytes;
    this.#at = offset;
    this.#end = end;
    this.#items = 0;
    this.#emptyItems = 0;
    this.#depth = 0;
  }

  /** The datum must be the whole input. */
  close(): void {
    if (this.#at !== this.#end) malformed('bytes are left over');
    this.#bytes = nothing;
  }

  boolean(): boolean {
    if (this.#at >= this.#end) malformed('the input ends early');
    const byte = this.#bytes[this.#at++] as number;
    if (byte > 1) malformed('a boolean is neither 0 nor 1');
    return byte === 1;
  }

  /** Zigzag varint of at most ten bytes; only what a JavaScript number holds exactly. */
  long(): number {
    if (this.#at >= this.#end) malformed('the input ends early');
    const first = this.#bytes[this.#at++] as number;
    const negative = first & 1;
    let magnitude = (first & 0x7f) >> 1;
    if (first >= 0x80) magnitude = this.#end - this.#at > 5 ? this.#sixBytes(magnitude) : this.#longTail(magnitude, 64, 1);
    return negative === 1 ? -magnitude - 1 : magnitude;
  }

  /** Times take six bytes: integer arithmetic as far as it goes, one multiplication. */
  #sixBytes(first: number): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let low = first;
    let byte = 0;
    for (let shift = 6; shift < 27; shift += 7) {
      byte = bytes[at++] as number;
      low |= (byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      this.#at = at;
      return low;
    }
    byte = bytes[at++] as number;
    let high = byte & 0x7f;
    if (byte >= 0x80) {
      byte = bytes[at++] as number;
      high |= (byte & 0x7f) << 7;
    }
    this.#at = at;
    const magnitude = low + high * 0x800_0000;
    return byte < 0x80 ? magnitude : this.#longTail(magnitude, 0x800_0000 * 0x4000, 6);
  }

  #longTail(low: number, lowWeight: number, bytesRead: number): number {
    let magnitude = low;
    let weight = lowWeight;
    for (let count = bytesRead; count < 10; count++) {
      if (this.#at >= this.#end) malformed('the input ends early');
      const byte = this.#bytes[this.#at++] as number;
      magnitude += (byte & 0x7f) * weight;
      if (byte < 0x80) return magnitude > Number.MAX_SAFE_INTEGER ? malformed('a long is outside ±(2^53 - 1)') : magnitude;
      weight *= 128;
    }
    return malformed('a varint is longer than ten bytes');
  }

  /** A varint that nobody wants: up to seven bytes of it hold what any number holds exactly. */
  skipLong(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    if (this.#end - at >= 7) {
      for (let left = 7; left > 0; left--) {
        if ((bytes[at++] as number) >= 0x80) continue;
        this.#at = at;
        return;
      }
    }
    this.long();
  }

  int(): number {
    const value = this.long();
    return (value | 0) === value ? value : malformed('an int is outside 32 bits');
  }

  float(): number {
    const at = this.#take(4);
    for (let index = 0; index < 4; index++) float32Bytes[index] = this.#bytes[at + index] as number;
    return float32[0] as number;
  }

  double(): number {
    const at = this.#take(8);
    const bytes = this.#bytes;
    float64Bytes[0] = bytes[at] as number;
    float64Bytes[1] = bytes[at + 1] as number;
    float64Bytes[2] = bytes[at + 2] as number;
    float64Bytes[3] = bytes[at + 3] as number;
    float64Bytes[4] = bytes[at + 4] as number;
    float64Bytes[5] = bytes[at + 5] as number;
    float64Bytes[6] = bytes[at + 6] as number;
    float64Bytes[7] = bytes[at + 7] as number;
    return float64[0] as number;
  }

  string(texts: InternedText): string {
    const at = this.#take(this.long());
    return texts.decode(this.#bytes, at, this.#at);
  }

  /** A copy: a view would keep the whole fetched buffer alive. */
  bytes(): Buffer {
    const at = this.#take(this.long());
    return Buffer.from(this.#bytes.subarray(at, this.#at));
  }

  fixed(size: number): Buffer {
    const at = this.#take(size);
    return Buffer.from(this.#bytes.subarray(at, this.#at));
  }

  skip(size: number): void {
    this.#take(size);
  }

  skipSized(): void {
    this.#take(this.long());
  }

  /** @param symbols  the reader's symbol by the writer's index; undefined where it has none */
  symbol(symbols: readonly (string | undefined)[]): string {
    const index = this.branch(symbols.length);
    return symbols[index] ?? mismatched('an enum symbol is unknown to the reader');
  }

  /** Index of a union's branch. */
  branch(count: number): number {
    const index = this.long();
    return index >= 0 && index < count ? index : malformed('an index is outside its union or enum');
  }

  /** Items of the next block of an array or map; 0 = the end. */
  blockCount(leastBytes: number): number {
    let count = this.long();
    if (count < 0) {
      count = -count;
      const size = this.long();
      if (size < 0 || size > this.#end - this.#at) malformed('a block is larger than the input');
    }
    if (count * leastBytes > this.#end - this.#at) unsafe('a block declares more items than its bytes can hold');
    this.#items += count;
    if (leastBytes === 0) this.#emptyItems += count;
    if (this.#items > maxItems || this.#emptyItems > maxEmptyItems) unsafe('arrays and maps declare too many items');
    return count;
  }

  /** Like `blockCount` for items nobody wants: a block that tells its size is passed over at once. */
  skipBlockCount(leastBytes: number): number {
    for (;;) {
      const count = this.long();
      if (count < 0) {
        this.#take(this.long());
        continue;
      }
      if (count * leastBytes > this.#end - this.#at) unsafe('a block declares more items than its bytes can hold');
      // Items without bytes need no passing over.
      if (leastBytes > 0 || count === 0) return count;
    }
  }

  enter(): void {
    if (++this.#depth > maxDepth) unsafe('records hold one another too deeply');
  }

  leave(): void {
    this.#depth--;
  }

  #take(size: number): number {
    const at = this.#at;
    if (size < 0 || size > this.#end - at) malformed('the input ends early');
    this.#at = at + size;
    return at;
  }
}
