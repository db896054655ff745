import {
  compileFlatReader,
  flatValuesOf,
  readWireId,
  wireHeaderBytes,
  type AvroSchema,
  type FlatFields,
  type FlatReader,
  type FlatValues,
} from '@vigil/contracts';
import { isVigilError } from '@vigil/core';
import type { RecordPlace } from '../ports/kafka-client.ts';
import type { SchemaRegistry } from '../ports/schema-registry.ts';
import { newPlace } from './record-place.ts';

/** A record's place together with what was read there. */
export type FlatPlace = RecordPlace & FlatValues;

export interface FlatDecoder {
  /** An object to be located and decoded into, again and again. */
  readonly place: FlatPlace;
  /** Reads the fields of the value that lies at `place`. False = the full decoder decides what it is. */
  read(): boolean;
}

/** What is no schema is the full decoder's to refuse. */
function compileOrLeave(schema: AvroSchema, fields: FlatFields): FlatReader | null {
  try {
    return compileFlatReader(schema, fields);
  } catch (error) {
    if (isVigilError(error)) return null;
    throw error;
  }
}

/** Reads some fields of values in wire format. Schema ids must have been resolved before; one that is not known is not read. */
export function createFlatDecoder(fields: FlatFields, registry: Pick<SchemaRegistry, 'cached'>): FlatDecoder {
  const place: FlatPlace = { ...newPlace(), ...flatValuesOf(fields) };
  const readers = new Map<number, FlatReader | null>();
  const readerOf = (id: number): FlatReader | null => {
    const known = readers.get(id);
    if (known !== undefined) return known;
    const schema = registry.cached(id);
    if (!schema) return null;
    const reader = compileOrLeave(schema, fields);
    readers.set(id, reader);
    return reader;
  };
  let lastId: number | null = null;
  let lastReader: FlatReader | null = null;
  return {
    place,
    read() {
      const { bytes, from, to } = place;
      const id = from < 0 ? null : readWireId(bytes, from, to);
      if (id === null) return false;
      if (id !== lastId || lastReader === null) {
        lastReader = readerOf(id);
        lastId = id;
      }
      return lastReader !== null && lastReader(bytes, from + wireHeaderBytes, to, place);
    },
  };
}
