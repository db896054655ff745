import * as fc from 'fast-check';

/** A schema with values of it and a second schema that can read them. */
export interface ArbitraryAvro {
  readonly writer: unknown;
  /** Evolved from `writer`: fields left out, added with defaults, types promoted, branches added. */
  readonly reader: unknown;
  readonly value: unknown;
}

interface Shape {
  /** JavaScript's view, which must differ between the branches of a union. */
  readonly view: string;
  readonly writer: unknown;
  readonly reader: unknown;
  readonly value: fc.Arbitrary<unknown>;
}

let names = 0;
const nextName = (): string => `N${names++}`;

const plain = (view: string, type: string, value: fc.Arbitrary<unknown>, readers: readonly string[] = []): fc.Arbitrary<Shape> =>
  fc.constantFrom(type, ...readers).map((reader) => ({ view, writer: type, reader, value }));

const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ maxLength: 100 }), fc.constantFrom('ICU', 'ward', 'zażółć'));
const number = fc.double({ noNaN: true });

const scalars: readonly fc.Arbitrary<Shape>[] = [
  plain('null', 'null', fc.constant(null)),
  plain('boolean', 'boolean', fc.boolean()),
  plain('number', 'int', fc.integer(), ['long', 'double']),
  // avsc is inexact for large odd longs: `long.property.test.ts` holds the whole range against BigInt.
  plain('number', 'long', fc.oneof(fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), fc.integer())),
  plain('number', 'float', fc.float({ noNaN: true }), ['double']),
  plain('number', 'double', number),
  plain('string', 'string', text),
  plain(
    'bytes',
    'bytes',
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  ),
];

const fixed = fc.integer({ min: 1, max: 20 }).map((size): Shape => {
  const schema = { type: 'fixed', name: nextName(), size };
  const value = fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => Buffer.from(bytes));
  return { view: 'bytes', writer: schema, reader: schema, value };
});

const enumeration = fc.constant(['A', 'B', 'C']).map((symbols): Shape => {
  const schema = { type: 'enum', name: nextName(), symbols };
  return { view: 'string', writer: schema, reader: { ...schema, symbols: [...symbols, 'D'] }, value: fc.constantFrom(...symbols) };
});

const listOf = ({ writer, reader, value }: Shape): Shape => ({
  view: 'array',
  writer: { type: 'array', items: writer },
  reader: { type: 'array', items: reader },
  value: fc.array(value, { maxLength: 5 }),
});

const mapOf = ({ writer, reader, value }: Shape): Shape => ({
  view: 'object',
  writer: { type: 'map', values: writer },
  reader: { type: 'map', values: reader },
  value: fc.dictionary(
    text.filter((key) => key !== '__proto__'),
    value,
    { maxKeys: 5, noNullPrototype: true },
  ),
});

function unionOf(shapes: readonly Shape[]): Shape {
  // avsc promotes a string to an earlier bytes branch where we, like Avro for Java, prefer the same type: not both in one union.
  const viewOf = ({ view }: Shape): string => (view === 'bytes' ? 'string' : view);
  const branches = [...new Map(shapes.map((shape) => [viewOf(shape), shape])).values()];
  return {
    view: 'union',
    writer: branches.map(({ writer }) => writer),
    reader: branches.map(({ reader }) => reader),
    value: fc.oneof(...branches.map(({ value }) => value)),
  };
}

function recordOf(shapes: readonly (Shape & { readonly dropped: boolean })[]): Shape {
  const name = nextName();
  const fields = shapes.map((shape, index) => ({ ...shape, name: `f${index}` }));
  const added = { name: 'added', type: ['null', 'string'], default: null };
  return {
    view: 'object',
    writer: { type: 'record', name, fields: fields.map((field) => ({ name: field.name, type: field.writer })) },
    reader: {
      type: 'record',
      name,
      fields: [...fields.filter(({ dropped }) => !dropped).map((field) => ({ name: field.name, type: field.reader })), added].reverse(),
    },
    value: fc.record(Object.fromEntries(fields.map((field) => [field.name, field.value])), { noNullPrototype: true }),
  };
}

const shape = fc.letrec<{ any: Shape; single: Shape }>((tie) => ({
  single: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    ...scalars,
    fixed,
    enumeration,
    tie('any').map(listOf),
    tie('any').map(mapOf),
    fc
      .array(fc.tuple(tie('any'), fc.boolean()), { minLength: 0, maxLength: 6 })
      .map((fields) => recordOf(fields.map(([field, dropped]) => ({ ...field, dropped })))),
  ),
  any: fc.oneof(tie('single'), fc.array(tie('single'), { minLength: 1, maxLength: 4 }).map(unionOf)),
}));

/** Random schemas with values, unions being tellable apart by value. */
export const arbitraryAvro: fc.Arbitrary<ArbitraryAvro> = shape.single.chain(({ writer, reader, value }) =>
  value.map((datum) => ({ writer, reader, value: datum })),
);
