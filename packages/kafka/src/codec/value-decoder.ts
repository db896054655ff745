import { compileReader, wireHeaderBytes, type AvroReader, type AvroSchema } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import type { SchemaRegistry } from '../ports/schema-registry.ts';
import { schemaIdOf } from './wire-format.ts';

/** @throws VigilError of kind poison: what the bytes are not */
export type ValueDecoder = (value: Buffer) => unknown;

/**
 * A decoder into the shape of `readerSchema`, whatever compatible schema a value was written with.
 * Schema ids must have been resolved before; one that is not known is UNKNOWN_SCHEMA_ID.
 */
export function createValueDecoder(readerSchema: AvroSchema, registry: SchemaRegistry): ValueDecoder {
  const readers = new Map<number, AvroReader<unknown> | VigilError>();
  const readerOf = (id: number): AvroReader<unknown> => {
    let reader = readers.get(id);
    if (reader === undefined) {
      const writerSchema = registry.cached(id);
      if (!writerSchema) throw new VigilError('UNKNOWN_SCHEMA_ID', { detail: `id ${id}` });
      reader = compileOr(writerSchema, readerSchema, id);
      readers.set(id, reader);
    }
    if (reader instanceof VigilError) throw reader;
    return reader;
  };
  return (value) => {
    const id = schemaIdOf(value);
    if (id === null) throw new VigilError('MALFORMED_AVRO', { detail: 'The value is not in the registry’s wire format.' });
    return readerOf(id)(value, wireHeaderBytes);
  };
}

function compileOr(writerSchema: AvroSchema, readerSchema: AvroSchema, id: number): AvroReader<unknown> | VigilError {
  try {
    return compileReader(writerSchema, readerSchema);
  } catch (cause) {
    return new VigilError('SCHEMA_MISMATCH', { detail: `id ${id}`, cause });
  }
}

/** The ids among `values` that the registry was not asked for yet. */
export function unresolvedIds(values: Iterable<Buffer | null>, registry: Pick<SchemaRegistry, 'cached'>): readonly number[] {
  const missing = new Set<number>();
  for (const value of values) {
    const id = schemaIdOf(value);
    if (id !== null && !registry.cached(id)) missing.add(id);
  }
  return [...missing];
}
