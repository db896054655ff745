import { expect, test } from '@jest/globals';
import { parquetColumnsOf, parquetSchemaOf } from './parquet-columns.ts';

const schema = {
  type: 'record',
  name: 'R',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'at', type: ['null', { type: 'long', logicalType: 'timestamp-millis' }] },
    { name: 'count', type: 'long' },
    { name: 'year', type: ['null', 'int'] },
    { name: 'tags', type: ['null', { type: 'array', items: 'string' }] },
    { name: 'place', type: { type: 'record', name: 'P', fields: [{ name: 'x', type: 'double' }] } },
    { name: 'raw', type: 'bytes' },
    { name: 'day', type: { type: 'int', logicalType: 'date' } },
    { name: 'only', type: ['string'] },
  ],
};

test('an Avro record has a Parquet schema with lists in three levels', () => {
  expect(parquetSchemaOf(schema)).toEqual([
    { name: 'root', num_children: 9 },
    { name: 'id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
    { name: 'at', type: 'INT64', repetition_type: 'OPTIONAL' },
    { name: 'count', type: 'INT64', repetition_type: 'REQUIRED' },
    { name: 'year', type: 'INT32', repetition_type: 'OPTIONAL' },
    { name: 'tags', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
    { name: 'place', repetition_type: 'REQUIRED', num_children: 1 },
    { name: 'x', type: 'DOUBLE', repetition_type: 'REQUIRED' },
    { name: 'raw', type: 'BYTE_ARRAY', repetition_type: 'REQUIRED' },
    { name: 'day', type: 'INT32', repetition_type: 'REQUIRED' },
    { name: 'only', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  ]);
});

test('64-bit integers become bigints, null stays null', () => {
  const columns = parquetColumnsOf(schema, [
    { id: 'a', at: 5, count: 2 ** 40, year: 1 },
    { id: 'b', at: null, count: 0, year: null },
  ]);
  expect(columns.slice(0, 4).map(({ data }) => data)).toEqual([
    ['a', 'b'],
    [5n, null],
    [2n ** 40n, 0n],
    [1, null],
  ]);
});

test('64-bit integers inside of lists and records become bigints, too', () => {
  const inner = {
    type: 'record',
    name: 'I',
    fields: [
      { name: 'cents', type: ['null', 'long'] },
      { name: 'code', type: 'string' },
    ],
  };
  const nested = {
    fields: [
      { name: 'list', type: ['null', { type: 'array', items: inner }] },
      { name: 'one', type: ['null', inner] },
      { name: 'longs', type: { type: 'array', items: 'long' } },
    ],
  };
  const columns = parquetColumnsOf(nested, [
    { list: [{ cents: 5, code: 'a' }, { cents: null, code: 'b' }], one: { cents: 6, code: 'c' }, longs: [7] },
    { list: null, one: null, longs: [] },
  ]); // prettier-ignore
  expect(columns.map(({ data }) => data)).toEqual([
    [[{ cents: 5n, code: 'a' }, { cents: null, code: 'b' }], null],
    [{ cents: 6n, code: 'c' }, null],
    [[7n], []],
  ]); // prettier-ignore
});

test('a type without a Parquet form is named', () => {
  expect(() => parquetSchemaOf({ fields: [{ name: 'odd', type: 'unheard-of' }] })).toThrow('odd');
});
