import { crc32c } from '@node-rs/crc32';
import type { ProducedRecord } from '../ports/kafka-client.ts';
import { createByteWriter, varintBytes, type ByteWriter } from './byte-writer.ts';

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
  let bytes = varintBytes(headers.length);
  for (const [name, value] of headers) {
    const length = Buffer.byteLength(name, 'utf8');
    bytes += varintBytes(length) + length + sizedBytes(value);
  }
  return bytes;
}

function writeSized(writer: ByteWriter, value: Buffer | null): void {
  if (value === null) {
    writer.varint(-1);
    return;
  }
  writer.varint(value.length);
  writer.bytes(value);
}

function writeRecord(writer: ByteWriter, { key, value, headers }: ProducedRecord, index: number, timestampDelta: number): void {
  writer.varint(1 + varintBytes(timestampDelta) + varintBytes(index) + sizedBytes(key) + sizedBytes(value) + headersBytes(headers));
  writer.int8(0);
  writer.varint(timestampDelta);
  writer.varint(index);
  writeSized(writer, key);
  writeSized(writer, value);
  writer.varint(headers.length);
  for (const [name, headerValue] of headers) {
    writer.varint(Buffer.byteLength(name, 'utf8'));
    writer.text(name);
    writeSized(writer, headerValue);
  }
}

/** The most that a record adds to a batch. */
export const recordBytes = ({ key, value, headers }: ProducedRecord): number =>
  32 + sizedBytes(key) + sizedBytes(value) + headersBytes(headers);

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
  for (const [index, record] of records.entries()) writeRecord(writer, record, index, (record.timestamp ?? nowMs) - firstTimestamp);
  writer.int32At(start + lengthAt, writer.length - start - lengthAt - 4);
  writer.int32At(start + crcAt, crc32c(writer.view().subarray(start + attributesAt)) | 0);
}

/** A batch by itself, for tests and tools. */
export function encodeBatch(records: readonly ProducedRecord[], identity: BatchIdentity, nowMs: number): Buffer {
  const writer = createByteWriter();
  writeBatch(writer, records, identity, nowMs);
  return Buffer.from(writer.view());
}
