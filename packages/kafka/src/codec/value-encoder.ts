import type { AvroSchema } from '@vigil/contracts';
import avro from 'avsc';
import { wireHeaderBytes, wireMagic } from './wire-format.ts';

/** @throws TypeError-like of avsc when the value does not fit the schema: a fault of our own code */
export type ValueEncoder = (value: unknown) => Buffer;

const slabBytes = 256 * 1024;

/**
 * Encodes values into slabs and hands out views: no allocation per value.
 * A slab is never written to again where a view was handed out, and is freed with its last view.
 */
function createSlabs(): { reserve(bytes: number): Buffer; take(bytes: number): Buffer } {
  let slab = Buffer.allocUnsafeSlow(slabBytes);
  let used = 0;
  return {
    reserve(bytes) {
      if (slab.length - used < bytes) {
        slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, bytes));
        used = 0;
      }
      return slab.subarray(used);
    },
    take(bytes) {
      const taken = slab.subarray(used, used + bytes);
      used += bytes;
      return taken;
    },
  };
}

/** An encoder into wire format under `schemaId`. */
export function createValueEncoder(schema: AvroSchema, schemaId: number): ValueEncoder {
  const type = avro.Type.forSchema(schema as avro.Schema);
  const slabs = createSlabs();
  return (value) => {
    let free = slabs.reserve(1024);
    let end = type.encode(value, free, wireHeaderBytes);
    if (end < 0) {
      free = slabs.reserve(free.length - end);
      end = type.encode(value, free, wireHeaderBytes);
    }
    free[0] = wireMagic;
    free.writeInt32BE(schemaId, 1);
    return slabs.take(end);
  };
}
