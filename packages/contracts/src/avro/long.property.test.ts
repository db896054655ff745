import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { compileReader } from './compile-reader.ts';
import { compileWriter } from './compile-writer.ts';
import { createWireEncoder, wireHeaderBytes } from './wire.ts';

const write = compileWriter<number>('long');
const read = compileReader<number>('long');
const encode = createWireEncoder();

function varintOf(value: bigint): Buffer {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

test('every long that a number holds exactly is written as zigzag varint and read back', () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -70, max: 70 })), (value) => {
      const bytes = encode(1, write, value).subarray(wireHeaderBytes);

      expect(bytes).toEqual(varintOf(BigInt(value)));
      expect(read(bytes, 0)).toBe(value);
    }),
    { examples: [[Number.MAX_SAFE_INTEGER], [Number.MIN_SAFE_INTEGER], [-(2 ** 52) - 1], [0], [-1], [63], [64], [-64], [-65]] },
  );
});

test('a long beyond that is refused, not rounded', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }), fc.boolean(), (size, negative) => {
      const bytes = varintOf(negative ? -size - 1n : size);

      expect(() => read(bytes, 0)).toThrow(expect.objectContaining({ code: 'MALFORMED_AVRO' }));
    }),
  );
});

test('a varint of more than ten bytes is refused', () => {
  expect(() => read(Buffer.from([...Array.from({ length: 10 }, () => 0x80), 0]), 0)).toThrow('longer than ten bytes');
});

test('a long that is passed over ends where it ends when it is read, and is refused where it is', () => {
  const after = { name: 'after', type: 'int' };
  const whole = { type: 'record', name: 'R', fields: [{ name: 'passed', type: 'long' }, after] };
  const readWhole = compileReader<{ after: number }>(whole);
  const passOver = compileReader<{ after: number }>(whole, { ...whole, fields: [after] });
  const outcomeOf = (reader: typeof readWhole, bytes: Buffer): unknown => {
    try {
      return reader(bytes, 0).after;
    } catch (error) {
      return String(error);
    }
  };
  const varint = fc
    .tuple(fc.array(fc.integer({ min: 0x80, max: 0xff }), { maxLength: 11 }), fc.nat(0x7f))
    .map(([more, last]) => [...more, last]);
  fc.assert(
    fc.property(varint, fc.array(fc.nat(0xff), { maxLength: 3 }), (long, rest) => {
      const bytes = Buffer.from([...long, ...rest]);

      expect(outcomeOf(passOver, bytes)).toEqual(outcomeOf(readWhole, bytes));
    }),
    { numRuns: 2_000 },
  );
});
