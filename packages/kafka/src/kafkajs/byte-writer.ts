/** Bytes of a request or record batch, written into one growing buffer. */
export interface ByteWriter {
  readonly length: number;
  int8(value: number): void;
  int16(value: number): void;
  int32(value: number): void;
  /** An integer up to ±2⁵³. */
  int64(value: number): void;
  /** Zig-zag varint. */
  varint(value: number): void;
  unsignedVarint(value: number): void;
  bytes(value: Buffer): void;
  text(value: string): void;
  /** INT16 length and UTF-8; null has length −1. */
  string(value: string | null): void;
  compactString(value: string | null): void;
  /** Lets `write` fill up to `most` bytes of the buffer from a place on; it returns where it ended. */
  fill(most: number, write: (buffer: Buffer, at: number) => number): void;
  /** Writes an INT32 at an earlier place. */
  int32At(position: number, value: number): void;
  /** A view of what was written. */
  view(): Buffer;
}

export function createByteWriter(capacity = 1024): ByteWriter {
  let buffer = Buffer.allocUnsafeSlow(capacity);
  let at = 0;
  const reserve = (bytes: number): void => {
    if (at + bytes <= buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, at + bytes));
    buffer.copy(grown, 0, 0, at);
    buffer = grown;
  };
  const unsigned = (value: number): void => {
    reserve(10);
    let rest = value;
    while (rest > 0x7fffffff) {
      buffer[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      buffer[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[at++] = rest;
  };
  const writer: ByteWriter = {
    get length() {
      return at;
    },
    int8(value) {
      reserve(1);
      at = buffer.writeInt8(value, at);
    },
    int16(value) {
      reserve(2);
      at = buffer.writeInt16BE(value, at);
    },
    int32(value) {
      reserve(4);
      at = buffer.writeInt32BE(value, at);
    },
    int64(value) {
      reserve(8);
      at = buffer.writeInt32BE(Math.floor(value / 2 ** 32), at);
      at = buffer.writeUInt32BE(value >>> 0, at);
    },
    varint: (value) => unsigned(value >= 0 ? value * 2 : -value * 2 - 1),
    unsignedVarint: unsigned,
    bytes(value) {
      reserve(value.length);
      at += value.copy(buffer, at);
    },
    text(value) {
      const most = value.length * 3;
      reserve(most);
      at += buffer.write(value, at, most, 'utf8');
    },
    string(value) {
      if (value === null) {
        writer.int16(-1);
        return;
      }
      writer.int16(Buffer.byteLength(value, 'utf8'));
      writer.text(value);
    },
    compactString(value) {
      unsigned(value === null ? 0 : Buffer.byteLength(value, 'utf8') + 1);
      if (value !== null) writer.text(value);
    },
    fill(most, write) {
      reserve(most);
      at = write(buffer, at);
    },
    int32At: (position, value) => void buffer.writeInt32BE(value, position),
    view: () => buffer.subarray(0, at),
  };
  return writer;
}

/** Bytes of `varint(value)`. */
export function varintBytes(value: number): number {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  if (rest < 0x80) return 1;
  if (rest < 0x4000) return 2;
  let bytes = 3;
  for (rest = Math.floor(rest / 0x4000); rest > 0x7f; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/** Writes a zig-zag varint into a buffer that has room for it; returns where it ends. */
export function putVarint(buffer: Buffer, from: number, value: number): number {
  let at = from;
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  while (rest > 0x7fffffff) {
    buffer[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  while (rest > 0x7f) {
    buffer[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at;
}
