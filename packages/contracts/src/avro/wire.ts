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

/** A key and its value, where they lie: one behind the other. Filled again for the next row. */
export interface EncodedRow {
  bytes: Buffer;
  keyFrom: number;
  keyTo: number;
  /** The value begins behind the key; −1 = there is none. */
  from: number;
  to: number;
}

/** Encodes rows of changelogs: like `WireEncoder`, but without a view for each key and value. */
export type RowEncoder = <Value>(key: string, schemaId: number, writer: AvroWriter<Value>, value: Value | null) => EncodedRow;

function writeTo(sink: AvroSink, write: (sink: AvroSink) => void): boolean {
  try {
    write(sink);
    return true;
  } catch (error) {
    if (error instanceof ChunkFull) return false;
    throw error;
  }
}

/** Writes something in one piece into the sink's chunk, or into a new one where that is full. Returns where it begins. */
function writeWhole(sink: AvroSink, write: (sink: AvroSink) => void): number {
  let start = sink.position;
  for (let size = chunkBytes; ; size *= 2) {
    try {
      if (writeTo(sink, write)) return start;
    } catch (error) {
      sink.open(sink.chunk, start);
      throw error;
    }
    sink.open(Buffer.allocUnsafeSlow(start === 0 ? size * 2 : size), 0);
    start = 0;
  }
}

/** Values share chunks, so that a batch of small records costs one allocation; a larger value gets a chunk of its own size. */
export function createWireEncoder(): WireEncoder {
  const sink = new AvroSink(Buffer.allocUnsafeSlow(chunkBytes));
  // What is written next: a closure for each value would be one more object a record.
  let id = 0;
  let value: unknown = null;
  let writer: AvroWriter<never> = () => undefined;
  const write = (): void => {
    sink.header(id);
    writer(value as never, sink);
  };
  return (schemaId, ofValue, what) => {
    id = schemaId;
    writer = ofValue;
    value = what;
    const start = writeWhole(sink, write);
    value = null;
    return sink.chunk.subarray(start, sink.position);
  };
}

export function createRowEncoder(): RowEncoder {
  const sink = new AvroSink(Buffer.allocUnsafeSlow(chunkBytes));
  const row: EncodedRow = { bytes: sink.chunk, keyFrom: 0, keyTo: 0, from: 0, to: 0 };
  let key = '';
  let id = 0;
  let value: unknown = null;
  let writer: AvroWriter<never> = () => undefined;
  const write = (): void => {
    sink.text(key);
    row.keyTo = sink.position;
    if (value === null) return;
    sink.header(id);
    writer(value as never, sink);
  };
  return (ofKey, schemaId, ofValue, what) => {
    key = ofKey;
    id = schemaId;
    writer = ofValue;
    value = what;
    row.keyFrom = writeWhole(sink, write);
    value = null;
    row.bytes = sink.chunk;
    row.from = what === null ? -1 : row.keyTo;
    row.to = what === null ? -1 : sink.position;
    return row;
  };
}
