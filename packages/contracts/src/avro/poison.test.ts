import { expect, test } from '@jest/globals';
import type { ErrorCode } from '@vigil/core';
import * as schemas from '../generated/schemas.ts';
import { compileReader } from './compile-reader.ts';

/** A zigzag varint of whatever size. */
function varint(value: bigint): number[] {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

const nulls = { type: 'array', items: 'null' };
const lists = { type: 'array', items: nulls };
const chain = { type: 'record', name: 'Chain', fields: [{ name: 'next', type: ['null', 'Chain'] }] };
const tree = { type: 'record', name: 'Tree', fields: [{ name: 'children', type: { type: 'array', items: 'Tree' } }] };

const corpus: readonly (readonly [what: string, schema: unknown, bytes: readonly number[], code: ErrorCode])[] = [
  ['200 million items without bytes', nulls, [...varint(200_000_000n), 0], 'UNSAFE_AVRO'],
  ['2^31 items', { type: 'array', items: 'int' }, varint(2n ** 31n), 'UNSAFE_AVRO'],
  ['a thousand doubles in eight bytes', { type: 'array', items: 'double' }, [...varint(1000n), 0, 0, 0, 0, 0, 0, 0, 0], 'UNSAFE_AVRO'],
  ['2^53 items', nulls, varint(2n ** 53n), 'MALFORMED_AVRO'],
  ['2^53 - 1 items', nulls, varint(2n ** 53n - 1n), 'UNSAFE_AVRO'],
  ['2^31 entries', { type: 'map', values: 'null' }, varint(2n ** 31n), 'UNSAFE_AVRO'],
  ['a negative count with a size beyond the input', nulls, [...varint(-5n), ...varint(100n)], 'MALFORMED_AVRO'],
  ['a negative count with a negative size', nulls, [...varint(-5n), ...varint(-1n)], 'MALFORMED_AVRO'],
  ['a negative count of too many', nulls, [...varint(-(2n ** 40n)), 0], 'UNSAFE_AVRO'],
  ['the most negative count', nulls, [...varint(-(2n ** 63n)), 0], 'MALFORMED_AVRO'],
  ['many small blocks of items without bytes', nulls, Array.from({ length: 100 }, () => varint(1000n)).flat(), 'UNSAFE_AVRO'],
  ['lists of lists without bytes', lists, [...varint(100n), ...Array.from({ length: 100 }, () => [...varint(1000n), 0]).flat(), 0], 'UNSAFE_AVRO'],
  ['more items than one datum may have', { type: 'array', items: 'boolean' }, [...varint(2n ** 20n + 1n), ...Array.from({ length: 2 ** 20 + 1 }, () => 0), 0], 'UNSAFE_AVRO'],
  ['records in records in records', chain, Array.from({ length: 100_000 }, () => 2), 'UNSAFE_AVRO'],
  ['a tree of one branch', tree, Array.from({ length: 100_000 }, () => 2), 'UNSAFE_AVRO'],
  ['a union index beyond the branches', ['null', 'int'], [6], 'MALFORMED_AVRO'],
  ['a negative union index', ['null', 'int'], [1], 'MALFORMED_AVRO'],
  ['an enum index beyond the symbols', { type: 'enum', name: 'E', symbols: ['A'] }, [2], 'MALFORMED_AVRO'],
  ['a boolean of 2', 'boolean', [2], 'MALFORMED_AVRO'],
  ['an int of 2^31', 'int', varint(2n ** 31n), 'MALFORMED_AVRO'],
  ['an endless varint', 'long', Array.from({ length: 100 }, () => 0xff), 'MALFORMED_AVRO'],
  ['a varint cut short', 'long', [0x80], 'MALFORMED_AVRO'],
  ['a string longer than the input', 'string', [...varint(100n), 65], 'MALFORMED_AVRO'],
  ['a string of negative length', 'string', [1], 'MALFORMED_AVRO'],
  ['a short string that is not UTF-8', 'string', [...varint(2n), 0xc3, 0x28], 'MALFORMED_AVRO'],
  ['a long string that is not UTF-8', 'string', [...varint(100n), ...Array.from({ length: 100 }, () => 0xff)], 'MALFORMED_AVRO'],
  ['bytes longer than the input', 'bytes', varint(2n ** 40n), 'MALFORMED_AVRO'],
  ['a fixed cut short', { type: 'fixed', name: 'F', size: 9 }, [1], 'MALFORMED_AVRO'],
  ['a double cut short', 'double', [1, 2, 3], 'MALFORMED_AVRO'],
  ['a float cut short', 'float', [1, 2, 3], 'MALFORMED_AVRO'],
  ['nothing at all', 'boolean', [], 'MALFORMED_AVRO'],
  ['nothing where a number is due', 'long', [], 'MALFORMED_AVRO'],
  ['bytes left over', 'int', [2, 2], 'MALFORMED_AVRO'],
]; // prettier-ignore

test.each(corpus)('%s', (_, schema, bytes, code) => {
  const input = Buffer.from(bytes);

  expect(() => compileReader(schema)(input, 0)).toThrow(expect.objectContaining({ code }));
});

test.each(corpus.filter(([, schema]) => typeof schema === 'object' && !Array.isArray(schema)))(
  '%s, in a field nobody reads',
  (_, schema, bytes) => {
    const writer = { type: 'record', name: 'Outer', fields: [{ name: 'unread', type: schema }] };
    const read = compileReader(writer, { type: 'record', name: 'Outer', fields: [] });

    // What takes no bytes may pass: nothing is made of it. Everything else must be refused.
    try {
      expect(read(Buffer.from(bytes), 0)).toEqual({});
    } catch (error) {
      expect(error).toMatchObject({ kind: 'poison' });
    }
  },
);

test('an error leaves the reader fit for the next record', () => {
  const read = compileReader(chain);

  expect(() => read(Buffer.from(Array.from({ length: 1000 }, () => 2)), 0)).toThrow(expect.objectContaining({ code: 'UNSAFE_AVRO' }));
  expect(read(Buffer.from([2, 2, 0]), 0)).toEqual({ next: { next: { next: null } } });
});

test('no error repeats what it read', () => {
  const read = compileReader(schemas.recordReceived);

  expect(() => read(Buffer.from([8, ...Buffer.from('Jane'), 99]), 0)).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('Jane') }),
  );
});
