import { crc32c } from '@node-rs/crc32';
import { LyingRecord } from '../codec/lying-record.ts';
import type { ProducedRecord } from '../ports/kafka-client.ts';
import { createByteWriter, putVarint, varintBytes, type ByteWriter } from './byte-writer.ts';

/** Who writes a batch; −1 for all three without idempotence. */
export interface BatchIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly transactional: boolean;
}

const lengthAt = 8;
const crcAt = 17;
const attributesAt = 21;
const magic = 2;
const transactionalFlag = 0x10;

const sizedBytes = (value: Buffer | null): number => (value === null ? 1 : varintBytes(value.length) + value.length);

function headersBytes(headers: ProducedRecord['headers']): number {
  if (headers.length === 0) return 1;
  let bytes = varintBytes(headers.length);
  for (const [name, value] of headers) {
    const length = Buffer.byteLength(name, 'utf8');
    bytes += varintBytes(length) + length + sizedBytes(value);
  }
  return bytes;
}

/** Short values are copied byte by byte: a call into native code costs more. */
const shortBytes = 48;

function putSized(buffer: Buffer, from: number, value: Buffer | null): number {
  return value === null ? putVarint(buffer, from, -1) : putPart(buffer, from, { bytes: value, from: 0, to: value.length });
}

interface BytesPart {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

function putPart(buffer: Buffer, at: number, { bytes, from, to }: BytesPart): number {
  let next = putVarint(buffer, at, to - from);
  if (to - from > shortBytes) return next + bytes.copy(buffer, next, from, to);
  for (let index = from; index < to; index++) buffer[next++] = bytes[index] as number;
  return next;
}

function putHeaders(buffer: Buffer, from: number, headers: ProducedRecord['headers']): number {
  let at = putVarint(buffer, from, headers.length);
  // Most records have none, in an array that is frozen: V8 makes an object for each step through one.
  if (headers.length === 0) return at;
  for (const [name, value] of headers) {
    at = putVarint(buffer, at, Buffer.byteLength(name, 'utf8'));
    at += buffer.write(name, at, 'utf8');
    at = putSized(buffer, at, value);
  }
  return at;
}

interface RecordPlace {
  index: number;
  timestampDelta: number;
}

const sizedPart = (from: number, to: number): number => (from < 0 ? 1 : varintBytes(to - from) + to - from);

/** A record from where it lies. */
function putLying(buffer: Buffer, begin: number, record: LyingRecord, { index, timestampDelta }: RecordPlace): number {
  const { bytes, keyFrom, keyTo, from, to, headers } = record;
  const parts = sizedPart(keyFrom, keyTo) + sizedPart(from, to) + headersBytes(headers);
  const size = 1 + varintBytes(timestampDelta) + varintBytes(index) + parts;
  let at = putVarint(buffer, begin, size);
  buffer[at++] = 0;
  at = putVarint(buffer, at, timestampDelta);
  at = putVarint(buffer, at, index);
  at = putPart(buffer, at, { bytes, from: keyFrom, to: keyTo });
  at = from < 0 ? putVarint(buffer, at, -1) : putPart(buffer, at, record);
  return putHeaders(buffer, at, headers);
}

function putRecord(buffer: Buffer, from: number, { key, value, headers }: ProducedRecord, { index, timestampDelta }: RecordPlace): number {
  const bytes = 1 + varintBytes(timestampDelta) + varintBytes(index) + sizedBytes(key) + sizedBytes(value) + headersBytes(headers);
  let at = putVarint(buffer, from, bytes);
  buffer[at++] = 0;
  at = putVarint(buffer, at, timestampDelta);
  at = putVarint(buffer, at, index);
  at = putSized(buffer, at, key);
  at = putSized(buffer, at, value);
  return putHeaders(buffer, at, headers);
}

/** The most that a record adds to a batch. */
export function recordBytes(record: ProducedRecord): number {
  if (record instanceof LyingRecord)
    return 32 + sizedPart(record.keyFrom, record.keyTo) + sizedPart(record.from, record.to) + headersBytes(record.headers);
  return 32 + sizedBytes(record.key) + sizedBytes(record.value) + headersBytes(record.headers);
}

/** Appends one record batch (message format 2) of records that go to one partition. */
export function writeBatch(writer: ByteWriter, records: readonly ProducedRecord[], identity: BatchIdentity, nowMs: number): void {
  const start = writer.length;
  const firstTimestamp = records[0]?.timestamp ?? nowMs;
  let maxTimestamp = firstTimestamp;
  for (const { timestamp } of records) maxTimestamp = Math.max(maxTimestamp, timestamp ?? nowMs);
  writer.int64(0);
  writer.int32(0);
  writer.int32(-1);
  writer.int8(magic);
  writer.int32(0);
  writer.int16(identity.transactional ? transactionalFlag : 0);
  writer.int32(records.length - 1);
  writer.int64(firstTimestamp);
  writer.int64(maxTimestamp);
  writer.int64(identity.producerId);
  writer.int16(identity.producerEpoch);
  writer.int32(identity.firstSequence);
  writer.int32(records.length);
  let most = 0;
  for (const record of records) most += recordBytes(record);
  writer.fill(most, (buffer, from) => {
    let at = from;
    const place: RecordPlace = { index: 0, timestampDelta: 0 };
    for (let index = 0; index < records.length; index++) {
      const record = records[index] as ProducedRecord;
      place.index = index;
      place.timestampDelta = (record.timestamp ?? nowMs) - firstTimestamp;
      at = record instanceof LyingRecord ? putLying(buffer, at, record, place) : putRecord(buffer, at, record, place);
    }
    return at;
  });
  writer.int32At(start + lengthAt, writer.length - start - lengthAt - 4);
  writer.int32At(start + crcAt, crc32c(writer.view().subarray(start + attributesAt)) | 0);
}

/** A batch by itself, for tests and tools. */
export function encodeBatch(records: readonly ProducedRecord[], identity: BatchIdentity, nowMs: number): Buffer {
  const writer = createByteWriter();
  writeBatch(writer, records, identity, nowMs);
  return Buffer.from(writer.view());
}
