import { expect, test } from '@jest/globals';
import { isVigilError } from '@vigil/core';
import * as fc from 'fast-check';
import { compileFlatReader, flatValuesOf, type FlatFields } from './compile-flat-reader.ts';
import { compileReader } from './compile-reader.ts';
import { compileWriter } from './compile-writer.ts';
import { createWireEncoder, wireHeaderBytes } from './wire.ts';

const encode = createWireEncoder();

const schema = {
  type: 'record',
  name: 'Mixed',
  fields: [
    { name: 'skippedText', type: 'string' },
    { name: 'id', type: 'string' },
    { name: 'skippedLong', type: 'long' },
    { name: 'at', type: 'long' },
    { name: 'count', type: 'int' },
    { name: 'skippedFlag', type: 'boolean' },
    { name: 'skippedMaybe', type: ['null', 'string'] },
    { name: 'level', type: ['null', 'double'] },
    { name: 'fallback', type: ['double', 'null'] },
    { name: 'skippedKind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
    { name: 'skippedFloat', type: 'float' },
    { name: 'skippedDouble', type: ['null', 'double'] },
    { name: 'skippedFixed', type: { type: 'fixed', name: 'Four', size: 4 } },
    { name: 'skippedList', type: { type: 'array', items: 'string' } },
    { name: 'exact', type: 'double' },
  ],
} as const;
const fields = { numbers: ['at', 'count', 'level', 'fallback', 'exact'], texts: ['id'] } as const satisfies FlatFields;

interface Mixed {
  readonly id: string;
  readonly skippedList: readonly string[];
  readonly skippedText: string;
  readonly at: number;
  readonly count: number;
  readonly level: number | null;
  readonly fallback: number | null;
  readonly exact: number;
}

const anyMixed = fc.record({
  skippedText: fc.string({ maxLength: 300 }),
  id: fc.string({ unit: 'grapheme', maxLength: 80 }),
  skippedLong: fc.maxSafeInteger(),
  at: fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 })),
  count: fc.integer(),
  skippedFlag: fc.boolean(),
  skippedMaybe: fc.option(fc.string()),
  level: fc.option(fc.double({ noNaN: true })),
  fallback: fc.option(fc.double({ noNaN: true })),
  skippedKind: fc.constantFrom('A', 'B'),
  skippedFloat: fc.float(),
  skippedDouble: fc.option(fc.double()),
  skippedFixed: fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  skippedList: fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(fc.string()) }),
  exact: fc.double({ noNaN: true }),
});

const readFlat = compileFlatReader(schema, fields);
const readWhole = compileReader<Mixed>(schema);
const writer = compileWriter<unknown>(schema);

/** As `fields` has it; undefined = left to the full reader. */
function flatOf(bytes: Buffer, from: number, to: number): { numbers: number[]; id: string } | undefined {
  const values = flatValuesOf(fields);
  if (!readFlat?.(bytes, from, to, values)) return undefined;
  return { numbers: [...values.numbers], id: bytes.toString('utf8', values.texts[0], values.texts[1]) };
}
const expected = ({ at, count, level, fallback, exact, id }: Mixed) => ({
  numbers: [at, count, level ?? Number.NaN, fallback ?? Number.NaN, exact],
  id,
});
/** Longs of more than 48 bits, long texts and lists that hold something are left to the full reader. */
const isUsual = ({ at, skippedLong, skippedList }: { at: number; skippedLong: number; skippedList: readonly string[] }): boolean =>
  Math.abs(at) < 2 ** 47 && Math.abs(skippedLong) < 2 ** 47 && skippedList.length === 0;

test('usual data are read as the full reader reads them, wherever they lie', () => {
  fc.assert(
    fc.property(anyMixed, fc.nat(20), (value, shift) => {
      const bytes = encode(1, writer, value).subarray(wireHeaderBytes);
      const among = Buffer.concat([Buffer.alloc(shift, 7), bytes, Buffer.alloc(9, 3)]);

      const flat = flatOf(among, shift, shift + bytes.length);

      if (isUsual(value)) expect(flat).toBeDefined();
      if (flat) expect(flat).toEqual(expected(readWhole(bytes, 0)));
    }),
    { numRuns: 2000 },
  );
});

test('damaged bytes are left to the full reader, or mean the same to both', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
  const projected = compileReader<Mixed>(schema, {
    ...schema,
    fields: schema.fields.filter(({ name }) => !name.startsWith('skipped')),
  });
  fc.assert(
    fc.property(anyMixed, damage, fc.nat(), (value, flips, cut) => {
      const bytes = Buffer.from(encode(1, writer, value).subarray(wireHeaderBytes));
      for (const [at, byte] of flips) bytes[at % bytes.length] = byte;
      const to = cut % 3 === 0 ? cut % (bytes.length + 1) : bytes.length;
      const flat = flatOf(bytes, 0, to);
      if (!flat) return;
      try {
        expect(flat).toEqual(expected(projected(bytes, 0, to)));
      } catch (error) {
        // Of a text only where it lies was told: that it is no UTF-8 is found when somebody reads it.
        if (!isVigilError(error)) throw error;
        expect(flat.id).toContain('\uFFFD');
      }
    }),
    { numRuns: 5000 },
  );
});

test('a schema that nests records, lacks a field or has it in another type is left to the full reader', () => {
  const nested = { type: 'record', name: 'Outer', fields: [{ name: 'inner', type: schema }] };
  const three = { type: 'record', name: 'Three', fields: [{ name: 'at', type: ['null', 'long', 'string'] }] };

  expect(compileFlatReader(nested, { numbers: [], texts: [] })).toBeNull();
  expect(compileFlatReader(schema, { numbers: ['nowhere'], texts: [] })).toBeNull();
  expect(compileFlatReader(schema, { numbers: ['id'], texts: [] })).toBeNull();
  expect(compileFlatReader(schema, { numbers: [], texts: ['at'] })).toBeNull();
  expect(compileFlatReader(three, { numbers: ['at'], texts: [] })).toBeNull();
  expect(compileFlatReader('string', { numbers: [], texts: [] })).toBeNull();
});
