/** Reads an answer in order. */
export interface ByteReader {
  position: number;
  readonly buffer: Buffer;
  int8(): number;
  int16(): number;
  int32(): number;
  int64(): number;
  unsignedVarint(): number;
  string(): string | null;
  compactString(): string | null;
  /** A view of the next bytes. */
  take(length: number): Buffer;
  array<Item>(read: (reader: ByteReader) => Item): Item[];
  compactArray<Item>(read: (reader: ByteReader) => Item): Item[];
  /** Tagged fields: skipped, this adapter knows none. */
  tags(): void;
}

/** A 64-bit integer up to ±2⁵³; offsets and times stay far below. */
export const int64At = (buffer: Buffer, at: number): number => buffer.readInt32BE(at) * 2 ** 32 + buffer.readUInt32BE(at + 4);

export function createByteReader(buffer: Buffer): ByteReader {
  const step = (bytes: number): number => {
    const at = reader.position;
    reader.position += bytes;
    return at;
  };
  const items = <Item>(count: number, read: (reader: ByteReader) => Item): Item[] => {
    const list: Item[] = [];
    for (let item = 0; item < count; item++) list.push(read(reader));
    return list;
  };
  const textOf = (length: number): string => {
    const at = step(length);
    return buffer.toString('utf8', at, at + length);
  };
  const reader: ByteReader = {
    position: 0,
    buffer,
    int8: () => buffer.readInt8(step(1)),
    int16: () => buffer.readInt16BE(step(2)),
    int32: () => buffer.readInt32BE(step(4)),
    int64: () => int64At(buffer, step(8)),
    unsignedVarint() {
      let value = 0;
      let scale = 1;
      for (;;) {
        const byte = buffer.readUInt8(step(1));
        value += (byte & 0x7f) * scale;
        if (byte < 0x80) return value;
        scale *= 128;
      }
    },
    string() {
      const length = reader.int16();
      return length < 0 ? null : textOf(length);
    },
    compactString() {
      const length = reader.unsignedVarint() - 1;
      return length < 0 ? null : textOf(length);
    },
    take(length) {
      const at = step(length);
      return buffer.subarray(at, at + length);
    },
    array: (read) => items(reader.int32(), read),
    compactArray: (read) => items(reader.unsignedVarint() - 1, read),
    tags() {
      for (let count = reader.unsignedVarint(); count > 0; count--) {
        reader.unsignedVarint();
        step(reader.unsignedVarint());
      }
    },
  };
  return reader;
}
