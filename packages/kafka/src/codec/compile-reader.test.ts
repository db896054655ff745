import { expect, test } from '@jest/globals';
import avro from 'avsc';
import { compileReader } from './compile-reader.ts';

const record = (fields: readonly object[], name = 'R') => ({ type: 'record', name, fields });
const encode = (schema: object, value: unknown): Buffer => avro.Type.forSchema(schema as avro.Schema).toBuffer(value);
const codeOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};
const varint = (value: bigint): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
};

test('fields the writer lacks get their default, fresh each time', () => {
  const writer = record([{ name: 'a', type: 'int' }]);
  const reader = record([
    { name: 'b', type: ['null', 'string'], default: null },
    { name: 'a', type: 'long' },
    { name: 'list', type: { type: 'array', items: 'int' }, default: [1] },
    { name: 'raw', type: 'bytes', default: 'ÿ' },
  ]);
  const read = compileReader(writer, reader);
  const first = read(encode(writer, { a: 7 }), 0) as { list: number[] };

  expect(first).toEqual({ b: null, a: 7, list: [1], raw: Buffer.of(255) });
  first.list.push(2);
  expect((read(encode(writer, { a: 7 }), 0) as { list: number[] }).list).toEqual([1]);
});

test('a field without default that the writer lacks is a mismatch', () => {
  expect(() => compileReader(record([]), record([{ name: 'a', type: 'int' }]))).toThrow(/lacks a/);
});

test('numbers are promoted, strings and bytes exchanged', () => {
  const writer = record([
    { name: 'a', type: 'int' },
    { name: 'b', type: 'long' },
    { name: 'c', type: 'float' },
    { name: 'd', type: 'string' },
    { name: 'e', type: 'bytes' },
  ]);
  const reader = record([
    { name: 'a', type: 'double' },
    { name: 'b', type: 'float' },
    { name: 'c', type: 'double' },
    { name: 'd', type: 'bytes' },
    { name: 'e', type: 'string' },
  ]);
  const bytes = encode(writer, { a: 1, b: 2, c: 0.5, d: 'x', e: Buffer.from('y') });

  expect(compileReader(writer, reader)(bytes, 0)).toEqual({ a: 1, b: 2, c: 0.5, d: Buffer.from('x'), e: 'y' });
  expect(() => compileReader(reader, writer)).toThrow(/cannot be read/);
});

test('unions are resolved branch by branch', () => {
  const writer = record([{ name: 'a', type: ['null', 'int', 'string'] }]);
  const read = compileReader(writer, record([{ name: 'a', type: ['null', 'double'] }]));

  expect(read(encode(writer, { a: 5 }), 0)).toEqual({ a: 5 });
  expect(read(encode(writer, { a: null }), 0)).toEqual({ a: null });
  expect(codeOf(() => read(encode(writer, { a: 'x' }), 0))).toBe('SCHEMA_MISMATCH');
  expect(codeOf(() => read(Buffer.of(8), 0))).toBe('MALFORMED_AVRO');
});

test('a plain type is read as a union that holds it', () => {
  const writer = record([{ name: 'a', type: 'double' }]);

  expect(compileReader(writer, record([{ name: 'a', type: ['null', 'double'] }]))(encode(writer, { a: 1.5 }), 0)).toEqual({ a: 1.5 });
  expect(() => compileReader(writer, record([{ name: 'a', type: ['null', 'string'] }]))).toThrow();
});

test('enums and fixed: symbols by name, bytes by size', () => {
  const writer = record([
    { name: 'e', type: { type: 'enum', name: 'E', symbols: ['A', 'B', 'C'] } },
    { name: 'f', type: { type: 'fixed', name: 'F', size: 2 } },
  ]);
  const read = compileReader(writer, writer);

  expect(read(encode(writer, { e: 'B', f: Buffer.of(1, 2) }), 0)).toEqual({ e: 'B', f: Buffer.of(1, 2) });
  expect(codeOf(() => read(Buffer.of(20, 1, 2), 0))).toBe('MALFORMED_AVRO');
  const fewer = record([{ name: 'e', type: { type: 'enum', name: 'E', symbols: ['A'] } }]);
  expect(codeOf(() => compileReader(writer, fewer)(encode(writer, { e: 'C', f: Buffer.of(1, 2) }), 0))).toBe('SCHEMA_MISMATCH');
  expect(() => compileReader(writer, record([{ name: 'f', type: { type: 'fixed', name: 'F', size: 3 } }]))).toThrow();
  expect(() => compileReader(writer, record([{ name: 'f', type: { type: 'fixed', name: 'G', size: 2 } }]))).toThrow();
});

test('skips every kind of field that nobody asked for', () => {
  const writer = record([
    { name: 's', type: 'string' },
    { name: 'b', type: 'bytes' },
    { name: 'l', type: { type: 'array', items: 'string' } },
    { name: 'm', type: { type: 'map', values: 'double' } },
    { name: 'r', type: record([{ name: 'x', type: ['null', 'int'] }], 'Inner') },
    { name: 'last', type: 'int' },
  ]);
  const value = { s: 'abc', b: Buffer.from('d'), l: ['e', 'f'], m: { g: 1 }, r: { x: 3 }, last: 9 };

  expect(compileReader(writer, record([{ name: 'last', type: 'int' }]))(encode(writer, value), 0)).toEqual({ last: 9 });
});

test.each([
  ['2×10⁸ zero-byte items', 200_000_000n],
  ['2³¹ items', 2n ** 31n],
  ['2⁵¹ items', 2n ** 51n],
  ['a negative count', -(2n ** 31n)],
])('an array of nulls that declares %s is refused before anything is allocated', (_, count) => {
  const schema = record([{ name: 'a', type: { type: 'array', items: 'null' } }]);

  expect(codeOf(() => compileReader(schema, schema)(Buffer.concat([varint(count), varint(count < 0n ? 5n : 0n), varint(0n)]), 0))).toBe('UNSAFE_AVRO');
});

test('counts that the bytes cannot hold are refused, counts beyond 2⁵³ malformed', () => {
  const schema = record([{ name: 'a', type: { type: 'map', values: 'double' } }]);
  const read = compileReader(schema, schema);

  expect(codeOf(() => read(Buffer.concat([varint(1000n), Buffer.alloc(20)]), 0))).toBe('UNSAFE_AVRO');
  expect(codeOf(() => read(varint(2n ** 60n), 0))).toBe('MALFORMED_AVRO');
  expect(codeOf(() => read(Buffer.alloc(12, 255), 0))).toBe('MALFORMED_AVRO');
});

test('blocks with a byte size, as other encoders write them, are read', () => {
  const schema = record([{ name: 'a', type: { type: 'array', items: 'int' } }]);

  expect(compileReader(schema, schema)(Buffer.concat([varint(-2n), varint(2n), varint(4n), varint(5n), varint(0n)]), 0)).toEqual({ a: [4, 5] });
});

test('zero-byte items are counted over all blocks of an array', () => {
  const schema = record([{ name: 'a', type: { type: 'array', items: 'null' } }]);
  const blocks = Buffer.concat([varint(600n), varint(600n), varint(0n)]);

  expect(codeOf(() => compileReader(schema, schema)(blocks, 0))).toBe('UNSAFE_AVRO');
});

test('recursive schemas are read up to a depth', () => {
  const schema = record([{ name: 'next', type: ['null', 'R'] }]);
  const read = compileReader(schema, schema);

  expect(read(Buffer.of(2, 2, 0), 0)).toEqual({ next: { next: { next: null } } });
  expect(codeOf(() => read(Buffer.concat([Buffer.alloc(100_000, 2), Buffer.of(0)]), 0))).toBe('UNSAFE_AVRO');
});

test.each([
  ['a boolean of 7', record([{ name: 'a', type: 'boolean' }]), Buffer.of(7)],
  ['an int of 40 bits', record([{ name: 'a', type: 'int' }]), varint(2n ** 39n)],
  ['a negative length', record([{ name: 'a', type: 'string' }]), varint(-1n)],
  ['a string longer than its bytes', record([{ name: 'a', type: 'string' }]), varint(9n)],
  ['a number that never ends', record([{ name: 'a', type: 'long' }]), Buffer.of(0x80)],
  ['bytes left over', record([{ name: 'a', type: 'int' }]), Buffer.of(2, 2)],
  ['nothing at all', record([{ name: 'a', type: 'double' }]), Buffer.alloc(0)],
])('%s is malformed', (_, schema, bytes) => {
  expect(codeOf(() => compileReader(schema, schema)(bytes, 0))).toBe('MALFORMED_AVRO');
});

test('numbers up to 2⁵² come through exactly', () => {
  const schema = record([{ name: 'a', type: 'long' }]);
  for (const value of [0, -1, 1, 2 ** 31, -(2 ** 31), 2 ** 40 + 1, 1_700_000_000_123, -(2 ** 52) + 1]) {
    expect(compileReader(schema, schema)(varint(BigInt(value)), 0)).toEqual({ a: value });
  }
});

test('strings are equal whether they come from the table or not', () => {
  const schema = record([{ name: 'a', type: 'string' }]);
  const read = compileReader(schema, schema);
  for (let round = 0; round < 6_000; round++) {
    const text = `${round % 3 ? 'same' : round}-é-${'x'.repeat(round % 80)}`;
    expect(read(encode(schema, { a: text }), 0)).toEqual({ a: text });
  }
});

test('what is no schema is refused by name', () => {
  expect(() => compileReader('Nope', 'int')).toThrow(/Nope/);
  expect(() => compileReader(7, 'int')).toThrow(/schema/);
  expect(compileReader({ type: { type: 'string' } }, 'string')(Buffer.of(2, 65), 0)).toBe('A');
});
