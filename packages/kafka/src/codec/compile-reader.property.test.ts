import { expect, test } from '@jest/globals';
import { schemas } from '@vigil/contracts';
import { isVigilError } from '@vigil/core';
import avro from 'avsc';
import fc from 'fast-check';
import { compileReader } from './compile-reader.ts';

const types = Object.entries(schemas as Record<string, unknown>).map(([name, schema]) => ({ name, schema, type: avro.Type.forSchema(schema as avro.Schema) }));

/** Data of a schema by avsc's own generator, which draws from Math.random: only equality is tested, so no seed is needed. */
const randomDatum = (type: avro.Type): unknown => (type as unknown as { random(): unknown }).random();

/** Arbitrary schemas, nested. */
let names = 0;
const schemaArbitrary = fc.letrec<{ schema: unknown; union: unknown; record: unknown }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'),
    tie('record'),
    tie('union'),
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc.record({ type: fc.constant('map'), values: tie('schema') }),
  ),
  union: fc.constantFrom(['null', 'string'], ['null', 'double'], ['string', 'null', 'long'], ['null', 'bytes']),
  record: fc.array(tie('schema'), { minLength: 0, maxLength: 5 }).map((fields) => ({
    type: 'record',
    name: `R${++names}`,
    fields: fields.map((type, index) => ({ name: `f${index}`, type })),
  })),
})).schema;

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner)) ?? 'null');

test('reads what avsc writes: every schema of the catalogue', () => {
  for (const { schema, type } of types) {
    const read = compileReader(schema, schema);
    for (let round = 0; round < 30; round++) {
      const bytes = type.toBuffer(randomDatum(type));
      expect(plain(read(bytes, 0))).toEqual(plain(type.fromBuffer(bytes)));
    }
  }
});

test('reads what avsc writes: any schema', () => {
  fc.assert(
    fc.property(schemaArbitrary, (schema) => {
      const type = avro.Type.forSchema(schema as avro.Schema);
      const read = compileReader(schema, schema);
      for (let round = 0; round < 5; round++) {
        const bytes = type.toBuffer(randomDatum(type));
        expect(plain(read(bytes, 0))).toEqual(plain(type.fromBuffer(bytes)));
      }
    }),
    { numRuns: 300 },
  );
});

test('a reader with fewer fields gets the same values of those it asks for', () => {
  for (const { schema, type } of types) {
    const whole = schema as { fields: { name: string }[] };
    const some = { ...whole, fields: whole.fields.filter((_, index) => index % 2 === 0) };
    const wanted = new Set(some.fields.map(({ name }) => name));
    const read = compileReader(schema, some);
    for (let round = 0; round < 10; round++) {
      const bytes = type.toBuffer(randomDatum(type));
      const all = plain(type.fromBuffer(bytes)) as Record<string, unknown>;
      expect(plain(read(bytes, 0))).toEqual(Object.fromEntries(Object.entries(all).filter(([name]) => wanted.has(name))));
    }
  }
});

test('damaged bytes give a value or a poison error, never another failure', () => {
  const damage = fc.record({ which: fc.nat(), at: fc.nat(), flip: fc.integer({ min: 1, max: 255 }), cut: fc.nat(), junk: fc.uint8Array({ maxLength: 12 }) });
  fc.assert(
    fc.property(damage, ({ which, at, flip, cut, junk }) => {
      const { schema, type } = types[which % types.length]!;
      const bytes = Buffer.from(type.toBuffer(randomDatum(type)));
      bytes[at % bytes.length]! ^= flip;
      const damaged = Buffer.concat([bytes.subarray(0, cut % (bytes.length + 1)), junk]);
      try {
        compileReader(schema, schema)(damaged, 0);
      } catch (error) {
        expect(isVigilError(error) && error.kind).toBe('poison');
      }
    }),
    { numRuns: 500 },
  );
});
