import { compileWriter, createRowEncoder, createWireEncoder, type AvroSchema, type AvroWriter, type EncodedRow } from '@vigil/contracts';
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

/**
 * A key and its value as a record of one topic. @throws when the value does not fit the schema: a fault of our own code
 *
 * @param partition  of the task that writes it
 */
export type RecordEncoder = (
  partition: number,
  row: { readonly key: string; readonly value: unknown },
  headers?: RecordHeaders,
) => LyingRecord;

/** The partition of a row, by its key or by that of the task. */
export type PlaceOfRow = (row: EncodedRow, partition: number) => number;

const ofTask: PlaceOfRow = (_row, partition) => partition;

interface RecordTopic {
  readonly name: string;
  readonly schema: AvroSchema;
  /** As in `createValueEncoder`. */
  readonly write?: AvroWriter<never> | undefined;
  readonly placeOf?: PlaceOfRow;
}

/** Encodes records of a topic under `schemaId`. */
export function createRecordEncoder(
  { name, schema, write = compileWriter<unknown>(schema), placeOf = ofTask }: RecordTopic,
  schemaId: number,
): RecordEncoder {
  const encode = createRowEncoder();
  return (partition, { key, value }, headers) => {
    const row = encode(key, schemaId, write as AvroWriter<unknown>, value);
    return new LyingRecord(name, placeOf(row, partition), row, headers);
  };
}
