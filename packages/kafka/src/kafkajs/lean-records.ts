import { VigilError } from '@vigil/core';
import type { FetchedRecord, FetchedRecords, KeyedPlace, RecordHeaders, RecordPlace } from '../ports/kafka-client.ts';
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

/** Where a sized value begins; −1 = it is null. It ends where the headers begin: of its length only sign and number of bytes count. */
function valueStart(buffer: Buffer, at: number): number {
  let next = at;
  let byte = buffer[next++] as number;
  if ((byte & 1) === 1) return -1;
  while (byte >= 0x80) byte = buffer[next++] as number;
  return next;
}

/** Knows where its parts are. Views of them are made when they are asked for. */
class LeanRecord implements FetchedRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly #buffer: Buffer;
  readonly #keyAt: number;
  readonly #valueAt: number;
  readonly #headersAt: number;
  #value: Buffer | null | undefined;

  constructor(part: Part, index: number) {
    part.locate(index, place);
    this.offset = place.offset;
    this.timestamp = place.timestamp;
    this.#buffer = part.buffer;
    this.#keyAt = place.keyAt;
    this.#valueAt = part.valuesAt[index] as number;
    this.#headersAt = place.to;
  }

  get key(): Buffer | null {
    return readSized({ buffer: this.#buffer, at: this.#keyAt });
  }

  get value(): Buffer | null {
    if (this.#value === undefined) this.#value = readSized({ buffer: this.#buffer, at: this.#valueAt });
    return this.#value;
  }

  readValue<Result>(read: (bytes: Buffer, from: number, to: number) => Result): Result | null {
    const from = valueStart(this.#buffer, this.#valueAt);
    return from < 0 ? null : read(this.#buffer, from, this.#headersAt);
  }

  headers(): RecordHeaders {
    return this.#buffer[this.#headersAt] === 0 ? noHeaders : readHeaders(this.#buffer, this.#headersAt);
  }
}

/** What is read of the beginning of a record on the way to its key. */
interface LeanPlace extends RecordPlace {
  keyAt: number;
}
const place: LeanPlace = { offset: 0, timestamp: 0, bytes: Buffer.alloc(0), from: 0, to: 0, hasHeaders: false, keyAt: 0 };

/** Where the records of one record batch lie: columns, as thousands of objects that wait would be moved about by every garbage collection. */
class Part {
  readonly buffer: Buffer;
  readonly #baseOffset: number;
  readonly #firstTimestamp: number;
  /** Of all records, when Kafka took them; null = each has its own. */
  readonly #appendedAt: number | null;
  /** Behind the attributes, where the time begins. */
  readonly timesAt: Int32Array;
  /** Where the sized value begins. */
  readonly valuesAt: Int32Array;
  readonly headersAt: Int32Array;
  readonly #cursor: Cursor;
  count = 0;

  constructor(buffer: Buffer, { attributes, baseOffset, firstTimestamp, maxTimestamp }: PartHeader, count: number) {
    // Few bytes a record, never cleared: large or zeroed memory costs more than the reading.
    const columns = Buffer.allocUnsafeSlow(count * 12);
    this.buffer = buffer;
    this.#baseOffset = baseOffset;
    this.#firstTimestamp = firstTimestamp;
    this.#appendedAt = (attributes & logAppendTimeFlag) === 0 ? null : maxTimestamp;
    this.timesAt = new Int32Array(columns.buffer, 0, count);
    this.valuesAt = new Int32Array(columns.buffer, count * 4, count);
    this.headersAt = new Int32Array(columns.buffer, count * 8, count);
    this.#cursor = { buffer, at: 0 };
  }

  locate(index: number, into: RecordPlace & { keyAt?: number }): void {
    const { buffer } = this;
    const cursor = this.#cursor;
    const headersAt = this.headersAt[index] as number;
    cursor.at = this.timesAt[index] as number;
    const timestamp = this.#firstTimestamp + readVarint(cursor);
    into.timestamp = this.#appendedAt ?? timestamp;
    into.offset = this.#baseOffset + readVarint(cursor);
    if (into.keyAt !== undefined) into.keyAt = cursor.at;
    into.bytes = buffer;
    into.from = valueStart(buffer, this.valuesAt[index] as number);
    into.to = headersAt;
    into.hasHeaders = buffer[headersAt] !== 0;
  }

  locateKeyed(index: number, into: KeyedPlace): void {
    this.locate(index, place);
    const cursor = this.#cursor;
    cursor.at = place.keyAt;
    const length = readVarint(cursor);
    into.offset = place.offset;
    into.timestamp = place.timestamp;
    into.bytes = place.bytes;
    into.keyFrom = length < 0 ? -1 : cursor.at;
    into.keyTo = cursor.at + Math.max(0, length);
    into.from = place.from;
    into.to = place.to;
    into.hasHeaders = place.hasHeaders;
  }
}

type PartHeader = Pick<BatchHeader, 'attributes' | 'baseOffset' | 'firstTimestamp' | 'maxTimestamp'>;

const emptyPart = new Part(Buffer.alloc(0), { attributes: 0, baseOffset: 0, firstTimestamp: 0, maxTimestamp: 0 }, 0);

/** The records of all record batches that one fetch gave for a partition. */
export class LeanRecords implements FetchedRecords {
  length = 0;
  readonly #parts: Part[] = [];
  /** The part that was looked into last, and the index of its first record: records are read one after the other. */
  #part = emptyPart;
  #first = 0;

  at(index: number): FetchedRecord | undefined {
    const at = index < 0 ? this.length + index : index;
    if (at < 0 || at >= this.length) return undefined;
    this.#seek(at);
    return new LeanRecord(this.#part, at - this.#first);
  }

  locate(index: number, into: RecordPlace): void {
    if (index < this.#first || index >= this.#first + this.#part.count) this.#seek(index);
    this.#part.locate(index - this.#first, into);
  }

  locateKeyed(index: number, into: KeyedPlace): void {
    if (index < this.#first || index >= this.#first + this.#part.count) this.#seek(index);
    this.#part.locateKeyed(index - this.#first, into);
  }

  *[Symbol.iterator](): Generator<FetchedRecord> {
    for (const part of this.#parts) for (let index = 0; index < part.count; index++) yield new LeanRecord(part, index);
  }

  #seek(index: number): void {
    let first = 0;
    for (const part of this.#parts) {
      if (index < first + part.count) {
        this.#part = part;
        this.#first = first;
        return;
      }
      first += part.count;
    }
  }

  /** Appends the records of one batch from offset `from` on. @throws VigilError CORRUPT_BATCH when they end early */
  append(buffer: Buffer, header: BatchHeader, from: number): void {
    const { baseOffset, count } = header;
    // A record takes seven bytes at least: no count makes us ask for more memory than was sent.
    const corrupt = (): never => {
      throw new VigilError('CORRUPT_BATCH', { detail: `Records of the batch at offset ${baseOffset}.` });
    };
    if (count < 0 || count * leastRecordBytes > buffer.length) corrupt();
    const part = new Part(buffer, header, count);
    const cursor: Cursor = { buffer, at: 0 };
    for (let left = count; left > 0; left--) {
      const length = readVarint(cursor);
      const end = cursor.at + length;
      if (!(end <= buffer.length)) corrupt();
      const timeAt = ++cursor.at;
      readVarint(cursor);
      if (baseOffset + readVarint(cursor) >= from) {
        const index = part.count++;
        part.timesAt[index] = timeAt;
        skipSized(cursor);
        part.valuesAt[index] = cursor.at;
        skipSized(cursor);
        part.headersAt[index] = cursor.at;
        if (!(cursor.at < end)) corrupt();
      }
      cursor.at = end;
    }
    if (part.count === 0) return;
    this.#parts.push(part);
    this.length += part.count;
  }
}

/** Length, attributes, timestamp, offset, key, value, headers: a byte each. */
const leastRecordBytes = 7;
