import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createByteReader } from './byte-reader.ts';
import { createByteWriter, varintBytes } from './byte-writer.ts';

test('every number and text is read as it was written', () => {
  const long = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(long, fc.nat(), fc.option(fc.string()), fc.array(fc.integer({ min: -128, max: 127 })), (number, size, text, list) => {
      const writer = createByteWriter(1);
      writer.int64(number);
      writer.unsignedVarint(size);
      writer.string(text);
      writer.compactString(text);
      writer.int32(list.length);
      for (const item of list) writer.int8(item);
      writer.unsignedVarint(list.length + 1);
      for (const item of list) writer.int8(item);
      const reader = createByteReader(writer.view());
      expect(reader.int64()).toBe(number);
      expect(reader.unsignedVarint()).toBe(size);
      expect(reader.string()).toBe(text);
      expect(reader.compactString()).toBe(text);
      expect(reader.array((one) => one.int8())).toEqual(list);
      expect(reader.compactArray((one) => one.int8())).toEqual(list);
    }),
  );
});

test('a varint takes the bytes that are counted for it', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), (value) => {
      const writer = createByteWriter();
      writer.varint(value);
      expect(writer.length).toBe(varintBytes(value));
    }),
  );
});

test('tagged fields are skipped', () => {
  const reader = createByteReader(Buffer.of(2, 0, 1, 9, 1, 2, 9, 9, 7));
  reader.tags();
  expect(reader.int8()).toBe(7);
});
