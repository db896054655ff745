const float64 = new Float64Array(1);
const float64Bytes = new Uint8Array(float64.buffer);
const float32 = new Float32Array(1);
const float32Bytes = new Uint8Array(float32.buffer);
/** Up to here a loop over the characters beats the call into the runtime. */
const tinyText = 10;
/** Up to here the length of ASCII takes one byte. */
const shortText = 63;

/** Thrown inside a writer when the chunk is full; the datum is then written again into a larger one. */
export class ChunkFull extends Error {}
const chunkFull = new ChunkFull('the chunk is full');

/** Writes Avro's primitives into a chunk; generated writers are made of calls to it. */
export class AvroSink {
  #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get position(): number {
    return this.#at;
  }

  get chunk(): Buffer {
    return this.#bytes;
  }

  open(bytes: Buffer, at: number): void {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** The registry's wire header: magic byte 0, schema id. */
  header(schemaId: number): void {
    const at = this.#take(5);
    this.#bytes[at] = 0;
    this.#bytes[at + 1] = schemaId >>> 24;
    this.#bytes[at + 2] = schemaId >>> 16;
    this.#bytes[at + 3] = schemaId >>> 8;
    this.#bytes[at + 4] = schemaId;
  }

  boolean(value: boolean): void {
    this.#bytes[this.#take(1)] = value ? 1 : 0;
  }

  long(value: number): void {
    if (this.#bytes.length - this.#at < 10) throw chunkFull;
    if ((value | 0) === value && value < 0x2000_0000 && value >= -0x2000_0000) this.#shortLong(value);
    else this.#anyLong(value);
  }

  #shortLong(value: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    let zigzag = (value << 1) ^ (value >> 31);
    while (zigzag > 0x7f) {
      bytes[at++] = zigzag | 0x80;
      zigzag >>>= 7;
    }
    bytes[at++] = zigzag;
    this.#at = at;
  }

  /** Doubling a long could leave the integers that a number holds exactly: sign and magnitude are written apart, 27 bits first. */
  #anyLong(value: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    const negative = value < 0 ? 1 : 0;
    const magnitude = negative === 1 ? -(value + 1) : value;
    let high = Math.floor(magnitude / 0x800_0000);
    const low = magnitude - high * 0x800_0000;
    bytes[at++] = ((low & 0x3f) << 1) | negative | 0x80;
    bytes[at++] = (low >>> 6) | 0x80;
    bytes[at++] = (low >>> 13) | 0x80;
    bytes[at++] = (low >>> 20) | 0x80;
    while (high > 0x7f) {
      bytes[at++] = (high % 0x80) | 0x80;
      high = Math.floor(high / 0x80);
    }
    bytes[at++] = high;
    this.#at = at;
  }

  float(value: number): void {
    const at = this.#take(4);
    float32[0] = value;
    this.#bytes.set(float32Bytes, at);
  }

  double(value: number): void {
    const at = this.#take(8);
    const bytes = this.#bytes;
    float64[0] = value;
    bytes[at] = float64Bytes[0] as number;
    bytes[at + 1] = float64Bytes[1] as number;
    bytes[at + 2] = float64Bytes[2] as number;
    bytes[at + 3] = float64Bytes[3] as number;
    bytes[at + 4] = float64Bytes[4] as number;
    bytes[at + 5] = float64Bytes[5] as number;
    bytes[at + 6] = float64Bytes[6] as number;
    bytes[at + 7] = float64Bytes[7] as number;
  }

  /** So many bytes as they lie from `from` on. */
  raw(bytes: Uint8Array, from: number, count: number): void {
    const to = this.#take(count);
    const chunk = this.#bytes;
    for (let index = 0; index < count; index++) chunk[to + index] = bytes[from + index] as number;
  }

  /** The bytes of a text, without their number. */
  text(text: string): void {
    const bytes = this.#bytes;
    const from = this.#at;
    const { length } = text;
    if (bytes.length - from < length * 3) throw chunkFull;
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) {
        this.#at = from + bytes.write(text, from);
        return;
      }
      bytes[from + index] = unit;
    }
    this.#at = from + length;
  }

  string(text: string): void {
    const { length } = text;
    if (length > shortText) this.#longString(text);
    else if (length <= tinyText) this.#tinyString(text, length);
    else this.#shortString(text, length);
  }

  /** Writes `text` as long as it is ASCII, and the other way where it is not. */
  #tinyString(text: string, length: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    if (bytes.length - at < length + 1) throw chunkFull;
    bytes[at++] = length << 1;
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) {
        this.#longString(text);
        return;
      }
      bytes[at++] = unit;
    }
    this.#at = at;
  }

  /** The length of what fits into one byte is mostly known before: only what is longer than its characters has to be written again. */
  #shortString(text: string, length: number): void {
    const at = this.#at;
    if (this.#bytes.length - at < 1 + length * 3) throw chunkFull;
    const written = this.#bytes.write(text, at + 1);
    if (written <= shortText) {
      this.#bytes[at] = written << 1;
      this.#at = at + 1 + written;
    } else this.#longString(text);
  }

  #longString(text: string): void {
    const byteLength = Buffer.byteLength(text, 'utf8');
    this.long(byteLength);
    this.#bytes.write(text, this.#take(byteLength), byteLength, 'utf8');
  }

  bytes(value: Uint8Array): void {
    this.long(value.length);
    this.fixed(value);
  }

  fixed(value: Uint8Array): void {
    this.#bytes.set(value, this.#take(value.length));
  }

  /** Bytes that stand in a one-byte string, without their length. */
  latin1(text: string): void {
    this.#bytes.write(text, this.#take(text.length), 'latin1');
  }

  #take(size: number): number {
    const at = this.#at;
    if (this.#bytes.length - at < size) throw chunkFull;
    this.#at = at + size;
    return at;
  }
}
