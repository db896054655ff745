import { compileWriter, createWireEncoder, type AvroSchema } from '@vigil/contracts';

/** @throws when the value does not fit the schema: a fault of our own code */
export type ValueEncoder = (value: unknown) => Buffer;

/** An encoder into wire format under `schemaId`. */
export function createValueEncoder(schema: AvroSchema, schemaId: number): ValueEncoder {
  const writer = compileWriter<unknown>(schema);
  const encode = createWireEncoder();
  return (value) => encode(schemaId, writer, value);
}
