import { VigilError } from '@vigil/core';
import type { FetchedRecord, RecordHeaders } from '../ports/kafka-client.ts';
import { logAppendTimeFlag, type BatchHeader } from './batch-header.ts';

const noHeaders: RecordHeaders = Object.freeze([]);

/** Where reading stands; one per batch, so that no pair of value and position is allocated per field. */
interface Cursor {
  readonly buffer: Buffer;
  at: number;
}

/** Zig-zag varint; beyond 28 bits by float arithmetic. */
function readVarint(cursor: Cursor): number {
  const { buffer } = cursor;
  let byte = buffer[cursor.at++] as number;
  if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
  let value = byte & 0x7f;
  let scale = 128;
  do {
    byte = buffer[cursor.at++] as number;
    value += (byte & 0x7f) * scale;
    scale *= 128;
  } while (byte >= 0x80);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** Moves past a sized field. */
function skipSized(cursor: Cursor): void {
  const length = readVarint(cursor);
  if (length > 0) cursor.at += length;
}

function readSized(cursor: Cursor): Buffer | null {
  const length = readVarint(cursor);
  if (length < 0) return null;
  const from = cursor.at;
  cursor.at = from + length;
  return cursor.buffer.subarray(from, from + length);
}

function readHeaders(buffer: Buffer, at: number): RecordHeaders {
  const cursor: Cursor = { buffer, at };
  const headers: [string, Buffer | null][] = [];
  for (let left = readVarint(cursor); left > 0; left--) headers.push([readSized(cursor)?.toString('utf8') ?? '', readSized(cursor)]);
  return headers;
}

const sizedAt = (buffer: Buffer, at: number): Buffer | null => readSized({ buffer, at });

/**
 * Knows where its parts are. Views of them are made when they are asked for: thousands of records wait at a time, and
 * views that wait with them would be moved about by every garbage collection.
 */
class LeanRecord implements FetchedRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly #buffer: Buffer;
  readonly #keyAt: number;
  readonly #valueAt: number;
  readonly #headersAt: number;
  #value: Buffer | null | undefined;

  constructor(offset: number, timestamp: number, cursor: Cursor) {
    this.offset = offset;
    this.timestamp = timestamp;
    this.#buffer = cursor.buffer;
    this.#keyAt = cursor.at;
    skipSized(cursor);
    this.#valueAt = cursor.at;
    skipSized(cursor);
    this.#headersAt = cursor.at;
  }

  get key(): Buffer | null {
    return sizedAt(this.#buffer, this.#keyAt);
  }

  get value(): Buffer | null {
    if (this.#value === undefined) this.#value = sizedAt(this.#buffer, this.#valueAt);
    return this.#value;
  }

  readValue<Result>(read: (bytes: Buffer, from: number, to: number) => Result): Result | null {
    const buffer = this.#buffer;
    let from = this.#valueAt;
    let length = buffer[from++] as number;
    // Lengths of two bytes at most are nearly all.
    if (length >= 0x80) {
      const next = buffer[from++] as number;
      if (next >= 0x80) return this.value === null ? null : read(this.value, 0, this.value.length);
      length = (length & 0x7f) | (next << 7);
    }
    if (length & 1) return null;
    // What a length promises beyond the fetched bytes is not there.
    return read(buffer, from, Math.min(from + (length >>> 1), buffer.length));
  }

  headers(): RecordHeaders {
    return this.#buffer[this.#headersAt] === 0 ? noHeaders : readHeaders(this.#buffer, this.#headersAt);
  }
}

/** Appends the records of one batch from `from` on. @throws VigilError CORRUPT_BATCH when they end early */
export function decodeRecords(buffer: Buffer, header: BatchHeader, from: number, into: FetchedRecord[]): void {
  const { attributes, baseOffset, firstTimestamp, maxTimestamp, count } = header;
  const isAppendTime = (attributes & logAppendTimeFlag) !== 0;
  const cursor: Cursor = { buffer, at: 0 };
  for (let left = count; left > 0; left--) {
    const length = readVarint(cursor);
    const end = cursor.at + length;
    if (!(end <= buffer.length)) throw new VigilError('CORRUPT_BATCH', { detail: `Records of the batch at offset ${baseOffset}.` });
    cursor.at++;
    const timestamp = firstTimestamp + readVarint(cursor);
    const offset = baseOffset + readVarint(cursor);
    if (offset >= from) into.push(new LeanRecord(offset, isAppendTime ? maxTimestamp : timestamp, cursor));
    cursor.at = end;
  }
}
