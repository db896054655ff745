import { AvroSink, ChunkFull } from './avro-sink.ts';
import { compileReader } from './compile-reader.ts';
import { compileWriter, type AvroWriter } from './compile-writer.ts';
import type { AvroSchema } from '../topic.ts';

/** Values of one schema as Avro bodies in one-byte strings: the least that a value in memory can cost. */
export interface PackedValues<Value> {
  /** @throws TypeError where the value is not of the schema */
  pack(value: Value): string;
  /** A value of its own each time. */
  unpack(packed: string): Value;
  /** Writes a packed value where a value is to be written. */
  readonly write: AvroWriter<string>;
}

/** Shared by all: packing and unpacking end before anybody else begins. */
let scratch: Buffer = Buffer.allocUnsafeSlow(64 * 1024);

function makeRoom(bytes: number): void {
  if (scratch.length < bytes) scratch = Buffer.allocUnsafeSlow(Math.max(bytes, 2 * scratch.length));
}

export function createPackedValues<Value extends object>(schema: AvroSchema): PackedValues<Value> {
  const read = compileReader<Value>(schema);
  const writer = compileWriter<Value>(schema);
  const sink = new AvroSink(scratch);
  return {
    pack(value) {
      for (;;) {
        sink.open(scratch, 0);
        try {
          writer(value, sink);
          return scratch.toString('latin1', 0, sink.position);
        } catch (error) {
          if (!(error instanceof ChunkFull)) throw error;
          makeRoom(2 * scratch.length);
        }
      }
    },
    unpack(packed) {
      makeRoom(packed.length);
      return read(scratch, 0, scratch.write(packed, 0, 'latin1'));
    },
    write: (packed, to) => to.latin1(packed),
  };
}
