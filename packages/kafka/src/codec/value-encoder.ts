import { compileWriter, createRowEncoder, createWireEncoder, type AvroSchema, type AvroWriter } from '@vigil/contracts';
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

/** A store's change as a record of its changelog. @throws when the value does not fit the schema: a fault of our own code */
export type ChangeEncoder = (partition: number, change: { readonly key: string; readonly value: object | null }) => LyingRecord;

/** The same for rows of a changelog. */
export function createChangeEncoder(
  changelog: string,
  { schema, write = compileWriter<object>(schema) }: { readonly schema: AvroSchema; readonly write?: AvroWriter<object> },
  schemaId: number,
): ChangeEncoder {
  const encode = createRowEncoder();
  return (partition, { key, value }) => new LyingRecord(changelog, partition, encode(key, schemaId, write, value));
}
