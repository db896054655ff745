import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { maxMessageBytes, readMessage } from './read-message.ts';

const read = (text: string | Buffer) => readMessage(Buffer.from(text as string));
const refusal = (code: string) => ({ ok: false, code });

test('a JSON object is read, unknown members included', () => {
  expect(read('{"device_id":"M1","extra":{"a":[1,{"b":2}]}}')).toEqual({
    ok: true,
    message: { device_id: 'M1', extra: { a: [1, { b: 2 }] } },
    lossy: false,
  });
});

test.each([
  ['nothing', '', 'EMPTY_VALUE'],
  ['text', 'heart rate 72', 'NOT_JSON'],
  ['a truncated object', '{"device_id":"M1"', 'NOT_JSON'],
  ['NaN', '{"measurements":{"heart_rate":NaN}}', 'NOT_JSON'],
  ['Infinity', '{"measurements":{"heart_rate":-Infinity}}', 'NOT_JSON'],
  ['two objects', '{"a":1}{"b":2}', 'NOT_JSON'],
  ['a trailing comma', '{"a":1,}', 'NOT_JSON'],
  ['an array', '[{"device_id":"M1"}]', 'BAD_SHAPE'],
  ['a number', '72', 'BAD_SHAPE'],
  ['a string', '"MONITOR_001"', 'BAD_SHAPE'],
  ['null', 'null', 'BAD_SHAPE'],
])('%s is refused', (_what, text, code) => {
  expect(read(text)).toEqual(refusal(code));
});

test('bytes that are no UTF-8 and a byte-order mark are refused', () => {
  expect(readMessage(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]))).toEqual(refusal('INVALID_UTF8'));
  expect(readMessage(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('{}')]))).toEqual(refusal('INVALID_UTF8'));
  // An overlong encoding of "/": what a lenient decoder would let through.
  expect(readMessage(Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]))).toEqual(refusal('INVALID_UTF8'));
});

test('4 MiB are read, a byte more is refused', () => {
  const filled = (bytes: number) => Buffer.from(`{"a":"${'x'.repeat(bytes - 8)}"}`);

  expect(readMessage(filled(maxMessageBytes)).ok).toBe(true);
  expect(readMessage(filled(maxMessageBytes + 1))).toEqual(refusal('MESSAGE_TOO_LARGE'));
});

test('a member written twice is refused at every depth, because parsers disagree on which counts', () => {
  expect(read('{"heart_rate":72,"heart_rate":0}')).toEqual(refusal('BAD_SHAPE'));
  expect(read('{"m":{"heart_rate" : 72 , "heart_rate":0}}')).toEqual(refusal('BAD_SHAPE'));
  expect(read('{"m":[{"a":1},{"b":1,"b":2}]}')).toEqual(refusal('BAD_SHAPE'));
  expect(read('{"a":1,"\\u0061":2}')).toEqual(refusal('BAD_SHAPE'));
});

test('colons, quotes and braces inside strings are no structure', () => {
  expect(read('{"a\\":":"{\\"b\\":[1]}:","c":": \\\\"}')).toMatchObject({ ok: true });
});

test('nesting deeper than any device sends is refused without exhausting the stack', () => {
  const nested = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;

  expect(read(nested(31)).ok).toBe(true);
  expect(read(nested(32))).toEqual(refusal('BAD_SHAPE'));
  expect(read(nested(1_000_000))).toEqual(refusal('BAD_SHAPE'));
});

test('a number with more digits than a double keeps is noticed', () => {
  expect(read('{"sequence":999999999999999}')).toMatchObject({ lossy: false });
  expect(read('{"sequence":9007199254740993}')).toMatchObject({ lossy: true });
  expect(read('{"message_id":"9007199254740993"}')).toMatchObject({ lossy: false });
});

test('every object that JSON can write is read as it was meant', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), fc.boolean(), (object, pretty) => {
      const text = JSON.stringify(object, null, pretty ? 2 : 0);
      expect(readMessage(Buffer.from(text))).toMatchObject({ ok: true, message: JSON.parse(text) as object });
    }),
  );
});

test('whatever the bytes are, reading them ends with a result', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(typeof readMessage(Buffer.from(bytes)).ok).toBe('boolean');
    }),
  );
});
