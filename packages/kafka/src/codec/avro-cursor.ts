import { VigilError } from '@vigil/core';
import type { StringTable } from './string-table.ts';

/** Where a reader stands in the bytes of a value. Every read checks the bounds. */
export interface AvroCursor {
  buffer: Buffer;
  position: number;
  end: number;
  /** Nesting of recursive types. */
  depth: number;
}

export const truncated = (): VigilError => new VigilError('MALFORMED_AVRO', { detail: 'The value ends too early.' });
const malformed = (detail: string): VigilError => new VigilError('MALFORMED_AVRO', { detail });
export const unsafe = (detail: string): VigilError => new VigilError('UNSAFE_AVRO', { detail });

/** Takes `bytes` off the cursor and returns where they begin. */
export function advance(cursor: AvroCursor, bytes: number): number {
  const at = cursor.position;
  if (bytes > cursor.end - at) throw truncated();
  cursor.position = at + bytes;
  return at;
}

/** A zig-zag number; the first 28 bits by integer arithmetic, the rest as float, which is exact up to 2⁵³. */
export function readLong(cursor: AvroCursor): number {
  const { buffer } = cursor;
  let at = cursor.position;
  let byte = buffer[at++] as number;
  let low = byte & 0x7f;
  for (let shift = 7; byte & 0x80 && shift < 28; shift += 7) {
    byte = buffer[at++] as number;
    low |= (byte & 0x7f) << shift;
  }
  cursor.position = at;
  if (at > cursor.end) throw truncated();
  return byte & 0x80 ? readLongRest(cursor, low) : (low >>> 1) ^ -(low & 1);
}

function readLongRest(cursor: AvroCursor, low: number): number {
  let value = low;
  let scale = 2 ** 28;
  let byte: number;
  do {
    byte = cursor.buffer[advance(cursor, 1)] as number;
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (scale > 2 ** 77) throw malformed('A number has more than ten bytes.');
  } while (byte & 0x80);
  const signed = value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  if (!Number.isSafeInteger(signed) || value > Number.MAX_SAFE_INTEGER) throw malformed('A number is beyond ±2⁵².');
  return signed;
}

export function readInt(cursor: AvroCursor): number {
  const value = readLong(cursor);
  if (value > 0x7fffffff || value < -0x80000000) throw malformed('An int has more than 32 bits.');
  return value;
}

export function readBoolean(cursor: AvroCursor): boolean {
  const byte = cursor.buffer[advance(cursor, 1)] as number;
  if (byte > 1) throw malformed('A boolean is neither 0 nor 1.');
  return byte === 1;
}

export const readFloat = (cursor: AvroCursor): number => cursor.buffer.readFloatLE(advance(cursor, 4));
export const readDouble = (cursor: AvroCursor): number => cursor.buffer.readDoubleLE(advance(cursor, 8));

export function readLength(cursor: AvroCursor): number {
  const length = readLong(cursor);
  if (length < 0) throw malformed('A length is negative.');
  return length;
}

export function readString(cursor: AvroCursor): string {
  const length = readLength(cursor);
  const at = advance(cursor, length);
  return cursor.buffer.toString('utf8', at, at + length);
}

/** Reads a string through a table of those seen before, so that equal bytes need no new string. */
export const readStringBy =
  (table: StringTable) =>
  (cursor: AvroCursor): string => {
    const length = readLength(cursor);
    return table.get(cursor.buffer, advance(cursor, length), length);
  };

/** A copy: a view would keep the whole fetched buffer alive. */
export function readBytes(cursor: AvroCursor): Buffer {
  const length = readLength(cursor);
  const at = advance(cursor, length);
  return Buffer.from(cursor.buffer.subarray(at, at + length));
}

export function skipBytes(cursor: AvroCursor): void {
  advance(cursor, readLength(cursor));
}

/** Zero-byte items allowed in one value: more of them is only meant to exhaust memory. */
const maxZeroByteItems = 1_000;

/**
 * Reads the blocks of an array or map. A count is believed only as far as the remaining bytes can hold its items.
 *
 * @param leastBytes  the fewest bytes of one item
 */
export function readBlocks(cursor: AvroCursor, leastBytes: number, readItem: (cursor: AvroCursor) => void): void {
  let total = 0;
  for (;;) {
    let count = readLong(cursor);
    if (count === 0) return;
    if (count < 0) {
      count = -count;
      readLength(cursor);
    }
    total += count;
    const most = leastBytes === 0 ? maxZeroByteItems - (total - count) : (cursor.end - cursor.position) / leastBytes;
    if (count > most) throw unsafe('A block declares more items than its bytes can hold.');
    for (let item = 0; item < count; item++) readItem(cursor);
  }
}

const maxDepth = 64;

export function nested<Value>(cursor: AvroCursor, read: (cursor: AvroCursor) => Value): Value {
  if (++cursor.depth > maxDepth) throw unsafe('The value nests too deeply.');
  const value = read(cursor);
  cursor.depth--;
  return value;
}
