import { expect, test } from '@jest/globals';
import avsc from 'avsc';
import * as fc from 'fast-check';
import { arbitraryAvro } from '../../test-support/arbitrary-avro.ts';
import { compileReader } from './compile-reader.ts';
import { compileWriter } from './compile-writer.ts';
import { createWireEncoder, wireHeaderBytes } from './wire.ts';
import { isVigilError } from '@vigil/core';

const encode = createWireEncoder();
const typeOf = (schema: unknown) => avsc.Type.forSchema(schema as avsc.Schema);
/** Values of avsc are instances of generated classes; only their content counts. */
const plain = (value: unknown): unknown => {
  if (Buffer.isBuffer(value)) return `bytes ${value.toString('hex')}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
};

test('what we write is what avsc writes, and both read it alike', () => {
  fc.assert(
    fc.property(arbitraryAvro, ({ writer, value }) => {
      const ours = encode(1, compileWriter(writer), value).subarray(wireHeaderBytes);

      expect(ours.equals(typeOf(writer).toBuffer(value))).toBe(true);
      expect(plain(compileReader(writer)(ours, 0))).toEqual(plain(typeOf(writer).fromBuffer(ours)));
    }),
    { numRuns: 1000 },
  );
});

test('a newer reader sees what avsc’s resolver sees', () => {
  fc.assert(
    fc.property(arbitraryAvro, ({ writer, reader, value }) => {
      const bytes = typeOf(writer).toBuffer(value);
      const readerType = typeOf(reader);

      const theirs = readerType.fromBuffer(bytes, readerType.createResolver(typeOf(writer)));

      expect(plain(compileReader(writer, reader)(bytes, 0))).toEqual(plain(theirs));
    }),
    { numRuns: 1000 },
  );
});

test('damaged bytes give a value or a catalogued error, never anything else', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(arbitraryAvro, damage, fc.nat(), ({ writer, reader, value }, flips, cut) => {
      const bytes = typeOf(writer).toBuffer(value);
      for (const [at, byte] of flips) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      const input = cut % 3 === 0 ? bytes.subarray(0, cut % (bytes.length + 1)) : bytes;
      try {
        compileReader(writer, reader)(input, 0);
      } catch (error) {
        expect(isVigilError(error) && error.kind).toBe('poison');
      }
    }),
    { numRuns: 2000 },
  );
});
