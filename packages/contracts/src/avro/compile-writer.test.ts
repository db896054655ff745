import { expect, test } from '@jest/globals';
import { compileReader } from './compile-reader.ts';
import { compileWriter } from './compile-writer.ts';
import { createWireEncoder, readWireId, requireWireId, wireHeaderBytes } from './wire.ts';

const encode = createWireEncoder();
const field = (type: unknown, more: object = {}) => ({ type: 'record', name: 'a.Sample', fields: [{ name: 'f', type, ...more }] });
const roundTrip = (schema: unknown, value: unknown): unknown =>
  compileReader(schema)(encode(1, compileWriter(schema), value), wireHeaderBytes);

test.each([
  ['null', 0],
  ['boolean', 'true'],
  ['int', 2 ** 31],
  ['int', 1.5],
  ['long', 2 ** 53],
  ['long', Number.NaN],
  ['double', '1'],
  ['float', null],
  ['string', 1],
  ['bytes', 'secret'],
  [{ type: 'fixed', name: 'F', size: 2 }, Buffer.alloc(3)],
  [{ type: 'enum', name: 'E', symbols: ['A'] }, 'secret'],
  [{ type: 'array', items: 'int' }, {}],
  [{ type: 'map', values: 'int' }, null],
  [{ type: 'record', name: 'R', fields: [] }, 'secret'],
  [['null', 'int'], 'secret'],
  [['null', { type: 'map', values: 'int' }], []],
  [{ type: 'map', values: 'int' }, Buffer.alloc(1)],
])('a value that is not of %j names its field and not itself', (type, value) => {
  const write = compileWriter(field(type));

  expect(() => encode(1, write, { f: value })).toThrow(new TypeError("Sample.f does not have its schema's type"));
});

test('a fault leaves nothing behind in the next value', () => {
  const schema = { type: 'record', name: 'R', fields: [{ name: 'a', type: 'string' }, { name: 'b', type: 'int' }] }; // prettier-ignore
  const write = compileWriter(schema);

  expect(() => encode(1, write, { a: 'x', b: 'no' })).toThrow(TypeError);
  expect(compileReader(schema)(encode(1, write, { a: 'y', b: 1 }), wireHeaderBytes)).toEqual({ a: 'y', b: 1 });
});

test('what is left out is written as its default', () => {
  expect(roundTrip(field('string', { default: 'd' }), {})).toEqual({ f: 'd' });
  expect(roundTrip(field({ type: 'array', items: 'int' }, { default: [1] }), {})).toEqual({ f: [1] });
  expect(roundTrip(field(['null', 'int'], { default: null }), {})).toEqual({ f: null });
});

test('a union whose branches look alike is refused when it is compiled', () => {
  expect(() => compileWriter(field(['int', 'long']))).toThrow('Sample.f: branches of the union cannot be told apart');
});

test.each([[['null', 'boolean', 'long', 'string', 'bytes', { type: 'array', items: 'int' }, { type: 'map', values: 'int' }]]])(
  'each value of a union finds its branch',
  (schema) => {
    for (const value of [null, true, -7, 'text', Buffer.of(1, 2), [1], { a: 1 }]) expect(roundTrip(schema, value)).toEqual(value);
  },
);

test('records that hold themselves', () => {
  const tree = { type: 'record', name: 'Tree', fields: [{ name: 'children', type: { type: 'array', items: 'Tree' } }] };
  const value = { children: [{ children: [] }, { children: [{ children: [] }] }] };

  expect(roundTrip(tree, value)).toEqual(value);
});

test('the wire header is magic byte 0 and the schema id', () => {
  const bytes = encode(0x01020304, compileWriter('int'), 1);

  expect([...bytes]).toEqual([0, 1, 2, 3, 4, 2]);
  expect(readWireId(bytes)).toBe(0x01020304);
  expect(readWireId(Buffer.from('{"device_id":1}'))).toBeNull();
  expect(readWireId(Buffer.of(0, 0, 0, 1))).toBeNull();
  expect(requireWireId(bytes)).toBe(0x01020304);
  expect(() => requireWireId(Buffer.from('{}'))).toThrow(expect.objectContaining({ code: 'MALFORMED_AVRO' }));
});

test('values stay what they were while chunks fill up, and a value larger than a chunk fits too', () => {
  const write = compileWriter<string>('string');
  const read = compileReader<string>('string');
  const texts = [...Array.from({ length: 3000 }, (_, index) => `${index}`.repeat(index % 90)), 'x'.repeat(3_000_000), 'ż'.repeat(500_000)];

  const values = texts.map((text) => encode(9, write, text));

  expect(values.every((bytes, index) => read(bytes, wireHeaderBytes) === texts[index])).toBe(true);
});

test('chunks fill up at every kind of value', () => {
  for (const [type, value, count] of [
    ['boolean', true, 300_000],
    ['long', -1, 300_000],
    ['float', 1.5, 70_000],
    ['double', 1.5, 40_000],
    ['string', 'short', 50_000],
    ['bytes', Buffer.alloc(100), 3000],
  ] as const) {
    const schema = { type: 'array', items: type };
    const values = Array.from({ length: count }, () => value);
    expect(JSON.stringify(roundTrip(schema, values)) === JSON.stringify(values)).toBe(true);
  }
});
