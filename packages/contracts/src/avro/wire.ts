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

/** Encodes a key with its value: like `WireEncoder`, but without a view for each of them. */
export type RowEncoder = <Value>(key: string, schemaId: number, writer: AvroWriter<Value>, value: Value | null) => EncodedRow;

function isWritten(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (error instanceof ChunkFull) return false;
    throw error;
  }
}

/** Writes something in one piece into the sink's chunk, or into a new one where that is full. Returns where it begins. */
function writeWhole(sink: AvroSink, write: () => void): number {
  let start = sink.position;
  for (let size = chunkBytes; ; size *= 2) {
    try {
      if (isWritten(write)) return start;
    } catch (error) {
      sink.open(sink.chunk, start);
      throw error;
    }
    sink.open(Buffer.allocUnsafeSlow(start === 0 ? size * 2 : size), 0);
    start = 0;
  }
}

/** What is written next. One for all values of an encoder: a closure for each would be one more object a record. */
interface Next {
  key: string;
  schemaId: number;
  writer: AvroWriter<never>;
  /** Null = there is none. */
  value: unknown;
}

/** Takes what `next` holds; nothing of it is kept, whether or not it fits its schema. */
function writeNext(sink: AvroSink, next: Next, write: () => void): number {
  try {
    return writeWhole(sink, write);
  } finally {
    next.key = '';
    next.value = null;
  }
}

const nothingNext = (): Next => ({ key: '', schemaId: 0, writer: () => undefined, value: null });

/** Values share chunks, so that a batch of small records costs one allocation; a larger value gets a chunk of its own size. */
export function createWireEncoder(): WireEncoder {
  const sink = new AvroSink(Buffer.allocUnsafeSlow(chunkBytes));
  const next = nothingNext();
  const write = (): void => {
    sink.header(next.schemaId);
    next.writer(next.value as never, sink);
  };
  return (schemaId, writer, value) => {
    next.schemaId = schemaId;
    next.writer = writer;
    next.value = value;
    const start = writeNext(sink, next, write);
    return sink.chunk.subarray(start, sink.position);
  };
}

export function createRowEncoder(): RowEncoder {
  const sink = new AvroSink(Buffer.allocUnsafeSlow(chunkBytes));
  const row: EncodedRow = { bytes: sink.chunk, keyFrom: 0, keyTo: 0, from: 0, to: 0 };
  const next = nothingNext();
  const write = (): void => {
    sink.text(next.key);
    row.keyTo = sink.position;
    if (next.value === null) return;
    sink.header(next.schemaId);
    next.writer(next.value as never, sink);
  };
  return (key, schemaId, writer, value) => {
    next.key = key;
    next.schemaId = schemaId;
    next.writer = writer;
    next.value = value;
    row.keyFrom = writeNext(sink, next, write);
    row.bytes = sink.chunk;
    row.from = value === null ? -1 : row.keyTo;
    row.to = value === null ? -1 : sink.position;
    return row;
  };
}
