import { expect, test } from '@jest/globals';
import { AvroSink, ChunkFull } from './avro-sink.ts';

const written = (text: string, room: number): Buffer => {
  const sink = new AvroSink(Buffer.alloc(room));
  sink.string(text);
  return sink.chunk.subarray(0, sink.position);
};
const lengthOf = (bytes: number): Buffer => Buffer.from(bytes < 64 ? [bytes << 1] : [((bytes << 1) & 0x7f) | 0x80, bytes >> 6]);
const expected = (text: string): Buffer => Buffer.concat([lengthOf(Buffer.byteLength(text)), Buffer.from(text)]);

test('text of every length is its length in bytes and UTF-8, wherever a character beyond ASCII stands', () => {
  for (let length = 0; length <= 130; length++) {
    const ascii = 'x'.repeat(length);
    for (const text of [ascii, `${ascii}é`, `é${ascii}`, `${ascii}😀`, `${ascii}\ud83d`])
      expect(written(text, 1000)).toEqual(expected(text));
  }
});

test('text that does not fit is refused as a full chunk, not cut', () => {
  for (const text of ['x', 'x'.repeat(20), 'é'.repeat(20), 'x'.repeat(100)]) {
    for (let room = 0; room <= Buffer.byteLength(text); room++) expect(() => written(text, room)).toThrow(ChunkFull);
    expect(written(text, text.length * 3 + 12)).toEqual(expected(text));
  }
});

test('bytes of doubles, as memory holds them, are what each of them is alone', () => {
  const numbers = [0.1, -0, Number.NaN, 1e300, -2.5];
  const [one, all] = [new AvroSink(Buffer.alloc(40)), new AvroSink(Buffer.alloc(24))];
  for (const number of numbers.slice(1, 4)) one.double(number);
  const bytes = new Uint8Array(Float64Array.from(numbers).buffer);
  all.raw(bytes, 8, 24);

  expect(all.chunk.subarray(0, all.position)).toEqual(one.chunk.subarray(0, one.position));
  expect(() => all.raw(bytes, 0, 1)).toThrow(ChunkFull);
});
