import { expect, test } from '@jest/globals';
import { compileReader } from './compile-reader.ts';
import { parseSchema } from './parse-schema.ts';
import { leastBytesOf } from './schema-node.ts';

const mismatch = expect.objectContaining({ code: 'SCHEMA_MISMATCH' });
const nested = (levels: number): unknown => Array.from({ length: levels }).reduce((items) => ({ type: 'array', items }), 'int' as unknown);

test.each([
  ['a name that is code', { type: 'record', name: 'R', fields: [{ name: 'a;process.exit()', type: 'int' }] }],
  ['a name that would change the prototype', { type: 'record', name: 'R', fields: [{ name: '__proto__', type: 'int' }] }],
  ['a record without a name', { type: 'record', fields: [] }],
  ['a record without fields', { type: 'record', name: 'R' }],
  ['a field that is nothing', { type: 'record', name: 'R', fields: [null] }],
  ['two fields of one name', { type: 'record', name: 'R', fields: [{ name: 'a', type: 'int' }, { name: 'a', type: 'int' }] }],
  ['two types of one name', [{ type: 'fixed', name: 'F', size: 1 }, { type: 'fixed', name: 'F', size: 2 }]],
  ['an enum without symbols', { type: 'enum', name: 'E' }],
  ['a fixed of negative size', { type: 'fixed', name: 'F', size: -1 }],
  ['a fixed without a size', { type: 'fixed', name: 'F' }],
  ['an unknown type', 'nosuch'],
  ['a number for a type', 7],
  ['null', null],
  ['an empty union', []],
  ['a union in a union', ['null', ['int']]],
  ['types nested too deeply', nested(70)],
])('%s is refused', (_, schema) => {
  expect(() => parseSchema(schema)).toThrow(mismatch);
}); // prettier-ignore

test('names are found in their own namespace and by their full name', () => {
  const schema = {
    type: 'record', name: 'R', namespace: 'a.b',
    fields: [
      { name: 'one', type: { type: 'fixed', name: 'F', size: 1 } },
      { name: 'two', type: 'F' },
      { name: 'three', type: 'a.b.F' },
      { name: 'four', type: { type: 'fixed', name: 'x.G', size: 1 } },
      { name: 'five', type: 'x.G' },
    ],
  }; // prettier-ignore

  expect(leastBytesOf(parseSchema(schema))).toBe(5);
});

test('logical types are read as what they are beneath', () => {
  expect(parseSchema({ type: { type: 'long', logicalType: 'timestamp-millis' } })).toEqual({ kind: 'long' });
});

test('a schema that names itself twice at every level is read in no time', () => {
  const level = (depth: number): unknown =>
    depth === 0 ? 'null' : { type: 'record', name: `R${depth}`, fields: [{ name: 'a', type: level(depth - 1) }, { name: 'b', type: depth > 1 ? `R${depth - 1}` : 'null' }] }; // prettier-ignore
  const bomb = {
    type: 'record',
    name: 'Outer',
    fields: [
      { name: 'bomb', type: level(50) },
      { name: 'n', type: 'int' },
    ],
  };

  expect(compileReader(bomb, { type: 'record', name: 'Outer', fields: [{ name: 'n', type: 'int' }] })(Buffer.of(2), 0)).toEqual({ n: 1 });
});
