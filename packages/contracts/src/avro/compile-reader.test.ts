import { expect, test } from '@jest/globals';
import type { ErrorCode } from '@vigil/core';
import { compileReader } from './compile-reader.ts';

const bytesOf = (...values: number[]): Buffer => Buffer.from(values);
const record = (...fields: readonly unknown[]) => ({ type: 'record', name: 'Sample', namespace: 'a.b', fields });
const withCode = (code: ErrorCode) => expect.objectContaining({ code });

test('fields that the reader lacks are passed over, whatever they are', () => {
  const inner = { type: 'record', name: 'Inner', fields: [{ name: 'x', type: 'long' }] };
  const skipped = [
    'null',
    'boolean',
    'int',
    'float',
    'double',
    'string',
    'bytes',
    { type: 'fixed', name: 'F', size: 2 },
    { type: 'enum', name: 'E', symbols: ['A'] },
    inner,
    'Inner',
    ['null', 'string'],
    { type: 'array', items: 'int' },
    { type: 'map', values: 'int' },
    { type: 'array', items: 'null' },
  ];
  const writer = record(...skipped.map((type, index) => ({ name: `s${index}`, type })), { name: 'kept', type: 'int' });
  const bytes = [
    [1], [2], [0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [2, 0x41], [2, 9], [1, 2], [0], [4], [6], [2, 2, 0x41],
    [3, 4, 2, 4, 2, 2, 0], // a block that tells its size, one that does not, the end
    [2, 2, 0x61, 2, 0], [200, 1, 0], [14],
  ].flat(); // prettier-ignore

  const read = compileReader(writer, record({ name: 'kept', type: 'int' }));

  expect(read(bytesOf(...bytes), 0)).toEqual({ kept: 7 });
});

test('fields that the writer lacks get their defaults, each time anew', () => {
  const read = compileReader<Record<string, unknown>>(
    record(),
    record(
      { name: 'text', type: 'string', default: '"\u2028' },
      { name: 'number', type: 'double', default: 1.5 },
      { name: 'flag', type: 'boolean', default: true },
      { name: 'bytes', type: 'bytes', default: '\u00ff' },
      { name: 'fixed', type: { type: 'fixed', name: 'F', size: 1 }, default: 'a' },
      { name: 'list', type: { type: 'array', items: 'string' }, default: ['a'] },
      { name: 'map', type: { type: 'map', values: 'int' }, default: { '"': 1 } },
      { name: 'letter', type: { type: 'enum', name: 'E', symbols: ['A'] }, default: 'A' },
      { name: 'optional', type: ['null', 'int'], default: null },
      { name: 'nested', type: { type: 'record', name: 'I', fields: [{ name: 'a', type: 'int', default: 3 }] }, default: {} },
    ),
  );
  const first = read(bytesOf(), 0);

  expect(first).toEqual({
    text: '"\u2028', number: 1.5, flag: true, bytes: bytesOf(255), fixed: bytesOf(97), list: ['a'], map: { '"': 1 }, letter: 'A', optional: null, nested: { a: 3 },
  }); // prettier-ignore
  expect(read(bytesOf(), 0)['list']).not.toBe(first['list']);
  expect(read(bytesOf(), 0)['bytes']).not.toBe(first['bytes']);
});

test.each([
  ['int', 'a'],
  ['null', 0],
  ['boolean', 'true'],
  ['double', '1'],
  ['bytes', 1],
  ['string', 1],
  [{ type: 'enum', name: 'E', symbols: ['A'] }, 'B'],
  [{ type: 'array', items: 'int' }, {}],
  [{ type: 'map', values: 'int' }, []],
  [{ type: 'record', name: 'I', fields: [] }, null],
])('a default that is not of its type is refused: %j', (type, fallback) => {
  expect(() => compileReader(record(), record({ name: 'f', type, default: fallback }))).toThrow(withCode('SCHEMA_MISMATCH'));
});

test('a field without a default that the writer lacks names itself', () => {
  expect(() => compileReader(record(), record({ name: 'needed', type: 'int' }))).toThrow('a.b.Sample.needed has no default');
});

test('a field is found under its former name', () => {
  const read = compileReader(record({ name: 'old', type: 'int' }), record({ name: 'new', aliases: ['old'], type: 'int' }));

  expect(read(bytesOf(2), 0)).toEqual({ new: 1 });
});

test('types that cannot be read as another are refused before any data comes', () => {
  expect(() => compileReader(record({ name: 'f', type: 'string' }), record({ name: 'f', type: 'int' }))).toThrow(
    'a.b.Sample.f cannot be read: string as int',
  );
  expect(() => compileReader({ type: 'fixed', name: 'F', size: 1 }, { type: 'fixed', name: 'F', size: 2 })).toThrow(
    withCode('SCHEMA_MISMATCH'),
  );
});

test('strings and bytes stand in for each other, whole numbers for fractions', () => {
  expect(compileReader('string', 'bytes')(bytesOf(2, 0x41), 0)).toEqual(bytesOf(0x41));
  expect(compileReader('bytes', 'string')(bytesOf(2, 0x41), 0)).toBe('A');
  expect(compileReader('int', 'double')(bytesOf(2), 0)).toBe(1);
});

test('the branch of a union is an error only when a value of it comes', () => {
  const read = compileReader(['int', 'string', 'boolean'], 'string');

  expect(read(bytesOf(2, 2, 0x41), 0)).toBe('A');
  expect(() => read(bytesOf(0, 2), 0)).toThrow(withCode('SCHEMA_MISMATCH'));
});

test('among the branches of a reader’s union the same type wins over a promotion', () => {
  expect(compileReader('int', ['null', 'double', 'int'])(bytesOf(4), 0)).toBe(2);
  expect(() => compileReader('string', ['null', 'int'])(bytesOf(0), 0)).toThrow(withCode('SCHEMA_MISMATCH'));
});

test('records of another name or namespace are read by their fields; enums and fixed are not', () => {
  const other = { type: 'record', name: 'Other', fields: [{ name: 'f', type: 'int' }] };

  expect(compileReader(other, record({ name: 'f', type: 'int' }))(bytesOf(2), 0)).toEqual({ f: 1 });
  expect(() => compileReader({ type: 'enum', name: 'E', symbols: ['A'] }, { type: 'enum', name: 'D', symbols: ['A'] })).toThrow(
    withCode('SCHEMA_MISMATCH'),
  );
  expect(compileReader({ type: 'enum', name: 'x.E', symbols: ['A'] }, { type: 'enum', name: 'y.E', symbols: ['A'] })(bytesOf(0), 0)).toBe(
    'A',
  );
});

test('an enum symbol the reader does not know becomes its default, or is refused', () => {
  const writer = { type: 'enum', name: 'E', symbols: ['A', 'B'] };

  expect(compileReader(writer, { type: 'enum', name: 'E', symbols: ['A'], default: 'A' })(bytesOf(2), 0)).toBe('A');
  expect(() => compileReader(writer, { type: 'enum', name: 'E', symbols: ['A'] })(bytesOf(2), 0)).toThrow(withCode('SCHEMA_MISMATCH'));
});

test('a map key cannot reach the prototype', () => {
  const key = Buffer.from('__proto__');
  const bytes = Buffer.concat([bytesOf(2, key.length * 2), key, bytesOf(2), bytesOf(0)]);

  const value = compileReader<Record<string, number>>({ type: 'map', values: 'int' })(bytes, 0);

  expect(Object.keys(value)).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test('the same short string is the same object; many different ones stop being looked up', () => {
  const read = compileReader<{ key: string }>(record({ name: 'key', type: 'string' }));
  const wire = (text: string): Buffer => Buffer.concat([bytesOf(text.length * 2), Buffer.from(text)]);

  const different = Array.from({ length: 70_000 }, (_, index) => `${index}`);

  expect(different.every((text) => read(wire(text), 0).key === text)).toBe(true);
  for (const text of ['ward-1', 'ward-1', 'ward-2', 'x'.repeat(63)]) expect(read(wire(text), 0).key).toBe(text);
});

test('strings in other scripts, short and long', () => {
  const read = compileReader<string>('string');
  for (const text of ['żółw', '心拍'.repeat(100), 'x'.repeat(1000), '']) {
    const bytes = Buffer.from(text);
    const length = bytes.length < 64 ? bytesOf(bytes.length * 2) : bytesOf(((bytes.length * 2) & 0x7f) | 0x80, (bytes.length * 2) >> 7);
    expect(read(Buffer.concat([length, bytes]), 0)).toBe(text);
  }
});
