import { VigilError } from '@vigil/core';

/** Header values in log order; a name may repeat. */
export type ArchivedHeaders = readonly (readonly [name: string, value: Buffer | null])[];

/** A record as it stood in its topic, byte for byte. */
export interface ArchivedRecord {
  readonly offset: number;
  /** Ingestion time, milliseconds since the epoch. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: ArchivedHeaders;
}

/** A consumed record that is to be archived. */
export interface RecordToArchive extends Omit<ArchivedRecord, 'headers'> {
  headers(): ArchivedHeaders;
}

/** Records of one topic partition in the order of their offsets, with their place, so that a segment explains itself. */
export interface Segment {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly ArchivedRecord[];
}

const magic = Buffer.from('VIGSEG01', 'ascii');

/** Grows by doubling; whole numbers in eight bytes, lengths in four, big-endian; a length of −1 stands for null. */
class SegmentWriter {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #end = 0;

  int32(value: number): void {
    this.#reserve(4);
    this.#end = this.#bytes.writeInt32BE(value, this.#end);
  }

  long(value: number): void {
    this.#reserve(8);
    this.#end = this.#bytes.writeBigInt64BE(BigInt(value), this.#end);
  }

  bytes(value: Buffer | null): void {
    this.int32(value === null ? -1 : value.length);
    if (value === null) return;
    this.raw(value);
  }

  raw(value: Buffer): void {
    this.#reserve(value.length);
    this.#end += value.copy(this.#bytes, this.#end);
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  #reserve(size: number): void {
    if (this.#bytes.length - this.#end >= size) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + size));
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#bytes = grown;
  }
}

/** A segment's plain bytes; they are compressed and sealed before they are stored. */
export function encodeSegment(topic: string, partition: number, records: readonly RecordToArchive[]): Buffer {
  const writer = new SegmentWriter();
  writer.raw(magic);
  writer.bytes(Buffer.from(topic, 'utf8'));
  writer.int32(partition);
  writer.int32(records.length);
  for (const record of records) {
    const headers = record.headers();
    writer.long(record.offset);
    writer.long(record.timestamp);
    writer.bytes(record.key);
    writer.bytes(record.value);
    writer.int32(headers.length);
    for (const [name, value] of headers) {
      writer.bytes(Buffer.from(name, 'utf8'));
      writer.bytes(value);
    }
  }
  return writer.finish();
}

class SegmentReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#at = magic.length;
  }

  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  long(): number {
    this.#at += 8;
    return Number(this.#bytes.readBigInt64BE(this.#at - 8));
  }

  bytes(): Buffer | null {
    const length = this.int32();
    if (length < 0) return null;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return (this.bytes() as Buffer).toString('utf8');
  }
}

const damaged = (): VigilError => new VigilError('BAD_SEGMENT', { detail: 'It was opened, but it is not a whole segment.' });

/** @throws VigilError BAD_SEGMENT */
export function decodeSegment(bytes: Buffer): Segment {
  if (!bytes.subarray(0, magic.length).equals(magic)) throw damaged();
  try {
    const reader = new SegmentReader(bytes);
    const [topic, partition, count] = [reader.text(), reader.int32(), reader.int32()];
    const records = Array.from({ length: count }, () => decodeRecord(reader));
    if (reader.rest !== 0) throw damaged();
    return { topic, partition, records };
  } catch {
    throw damaged();
  }
}

function decodeRecord(reader: SegmentReader): ArchivedRecord {
  const [offset, timestamp, key, value] = [reader.long(), reader.long(), reader.bytes(), reader.bytes()];
  const headers = Array.from({ length: reader.int32() }, () => [reader.text(), reader.bytes()] as const);
  return { offset, timestamp, key, value, headers };
}
