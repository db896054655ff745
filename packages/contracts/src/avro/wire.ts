import { VigilError } from '@vigil/core';
import { AvroSink, ChunkFull } from './avro-sink.ts';
import type { AvroWriter } from './compile-writer.ts';

/** Bytes before the Avro body: magic byte 0 and the schema's id as a 32-bit big-endian number. */
export const wireHeaderBytes = 5;

const chunkBytes = 256 * 1024;

/** The schema id of a value in the registry's wire format, which lies from `from` to `to`; null where the bytes are something else. */
export const readWireId = (bytes: Buffer, from = 0, to = bytes.length): number | null =>
  to - from >= wireHeaderBytes && bytes[from] === 0 ? bytes.readInt32BE(from + 1) : null;

/** Like `readWireId`, for topics that hold nothing else. @throws VigilError MALFORMED_AVRO */
export function requireWireId(bytes: Buffer): number {
  const id = readWireId(bytes);
  if (id === null) throw new VigilError('MALFORMED_AVRO', { detail: 'The value does not begin with magic byte 0 and a schema id.' });
  return id;
}

/** Encodes values in the wire format. What it returns stays valid: chunks are filled, never written twice. */
export interface WireEncoder {
  <Value>(schemaId: number, writer: AvroWriter<Value>, value: Value): Buffer;
}

function writeTo<Value>(sink: AvroSink, schemaId: number, writer: AvroWriter<Value>, value: Value): boolean {
  try {
    sink.header(schemaId);
    writer(value, sink);
    return true;
  } catch (error) {
    if (error instanceof ChunkFull) return false;
    throw error;
  }
}

/** Values share chunks, so that a batch of small records costs one allocation; a larger value gets a chunk of its own size. */
export function createWireEncoder(): WireEncoder {
  const sink = new AvroSink(Buffer.allocUnsafeSlow(chunkBytes));
  return (schemaId, writer, value) => {
    let start = sink.position;
    for (let size = chunkBytes; ; size *= 2) {
      try {
        if (writeTo(sink, schemaId, writer, value)) break;
      } catch (error) {
        sink.open(sink.chunk, start);
        throw error;
      }
      sink.open(Buffer.allocUnsafeSlow(start === 0 ? size * 2 : size), 0);
      start = 0;
    }
    return sink.chunk.subarray(start, sink.position);
  };
}
