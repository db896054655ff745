import { compileWriter, createRowEncoder, createWireEncoder, type AvroSchema, type AvroWriter } from '@vigil/contracts';
import type { RecordHeaders } from '../ports/kafka-client.ts';
import { LyingRecord } from './lying-record.ts';

/** @throws when the value does not fit the schema: a fault of our own code */
export type ValueEncoder = (value: unknown) => Buffer;

/** An encoder into wire format under `schemaId`. @param write  what writes the values, where they are not the schema's own shape */
export function createValueEncoder(
  schema: AvroSchema,
  schemaId: number,
  write: AvroWriter<never> = compileWriter<unknown>(schema),
): ValueEncoder {
  const encode = createWireEncoder();
  return (value) => encode(schemaId, write as AvroWriter<unknown>, value);
}

/** A key and its value as a record of one topic. @throws when the value does not fit the schema: a fault of our own code */
export type RecordEncoder = (
  partition: number,
  row: { readonly key: string; readonly value: unknown },
  headers?: RecordHeaders,
) => LyingRecord;

/** Encodes records of `topic` under `schemaId`. @param write  as in `createValueEncoder` */
export function createRecordEncoder(
  topic: string,
  { schema, write = compileWriter<unknown>(schema) }: { readonly schema: AvroSchema; readonly write?: AvroWriter<never> },
  schemaId: number,
): RecordEncoder {
  const encode = createRowEncoder();
  return (partition, { key, value }, headers) =>
    new LyingRecord(topic, partition, encode(key, schemaId, write as AvroWriter<unknown>, value), headers);
}
