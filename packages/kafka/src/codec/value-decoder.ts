import { compileReader, readWireId, wireHeaderBytes, type AvroReader, type AvroSchema } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import type { SchemaRegistry } from '../ports/schema-registry.ts';
import type { FetchedRecord, FetchedRecords, RecordPlace } from '../ports/kafka-client.ts';
import { newPlace } from './record-place.ts';
import { schemaIdOf } from './wire-format.ts';

/** Decodes what lies from `from` to `to`, by default all. @throws VigilError of kind poison: what the bytes are not */
export type ValueDecoder = (bytes: Buffer, from?: number, to?: number) => unknown;

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
  let lastId: number | null = null;
  let lastReader: AvroReader<unknown> | null = null;
  return (bytes, from = 0, to = bytes.length) => {
    const id = readWireId(bytes, from, to);
    if (id === null) throw new VigilError('MALFORMED_AVRO', { detail: 'The value is not in the registry’s wire format.' });
    if (id !== lastId || lastReader === null) {
      lastReader = readerOf(id);
      lastId = id;
    }
    return lastReader(bytes, from + wireHeaderBytes, to);
  };
}

function compileOr(writerSchema: AvroSchema, readerSchema: AvroSchema, id: number): AvroReader<unknown> | VigilError {
  try {
    return compileReader(writerSchema, readerSchema);
  } catch (cause) {
    return new VigilError('SCHEMA_MISMATCH', { detail: `id ${id}`, cause });
  }
}

function wireIdAt(records: FetchedRecords, index: number, place: RecordPlace): number | null {
  if (records.locate === undefined) {
    const record = records.at(index) as FetchedRecord;
    return record.readValue === undefined ? schemaIdOf(record.value) : record.readValue(readWireId);
  }
  records.locate(index, place);
  return place.from < 0 ? null : readWireId(place.bytes, place.from, place.to);
}

/** The ids among the values of `records` that the registry was not asked for yet. */
export function unresolvedIdsIn(records: FetchedRecords, registry: Pick<SchemaRegistry, 'cached'>): readonly number[] {
  const missing = new Set<number>();
  let known: number | null = null;
  const place = newPlace();
  for (let index = 0; index < records.length; index++) {
    const id = wireIdAt(records, index, place);
    if (id === known || id === null) continue;
    if (registry.cached(id)) known = id;
    else missing.add(id);
  }
  return [...missing];
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
