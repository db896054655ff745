import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { decodeSegment, encodeSegment } from './segment.ts';

const bytes = fc.option(fc.uint8Array({ maxLength: 50 }).map((value) => Buffer.from(value)));
const record = fc.record({
  offset: fc.nat(Number.MAX_SAFE_INTEGER),
  timestamp: fc.integer({ min: -1, max: 4_000_000_000_000 }),
  key: bytes,
  value: bytes,
  headers: fc.array(fc.tuple(fc.string({ unit: 'binary' }), bytes), { maxLength: 4 }),
});

test('what is archived comes back byte for byte', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), (records) => {
      const fetched = records.map(({ headers, ...rest }) => ({ ...rest, headers: () => headers }));
      expect(decodeSegment(encodeSegment('a.topic.v1', 3, fetched))).toEqual({ topic: 'a.topic.v1', partition: 3, records });
    }),
  );
});

test('records larger than any buffer that was there before are whole', () => {
  const value = Buffer.alloc(5_000_000, 7);
  const [back] = decodeSegment(encodeSegment('t', 0, [{ offset: 1, timestamp: 2, key: null, value, headers: () => [] }])).records;
  expect(back?.value?.equals(value)).toBe(true);
});

test('a segment that is cut, longer or none is refused', () => {
  const whole = encodeSegment('t', 0, [{ offset: 1, timestamp: 2, key: Buffer.from('k'), value: Buffer.from('v'), headers: () => [] }]);
  for (let end = 0; end < whole.length; end++)
    expect(() => decodeSegment(whole.subarray(0, end))).toThrow(expect.objectContaining({ code: 'BAD_SEGMENT' }));
  expect(() => decodeSegment(Buffer.concat([whole, Buffer.of(0)]))).toThrow(expect.objectContaining({ code: 'BAD_SEGMENT' }));
  expect(() => decodeSegment(Buffer.from('anything else'))).toThrow(expect.objectContaining({ code: 'BAD_SEGMENT' }));
});
