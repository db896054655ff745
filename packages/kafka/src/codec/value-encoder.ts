import { compileWriter, createWireEncoder, type AvroSchema, type AvroWriter } from '@vigil/contracts';

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
