import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createMessageSplitter } from './split-messages.ts';

/** Cuts `text` given in pieces that end anywhere, also inside a character. */
function cut(text: string | Buffer, sizes: readonly number[] = [], maxBytes = 10_000): (string | null)[] {
  const splitter = createMessageSplitter(maxBytes);
  const bytes = Buffer.from(text);
  const messages = [];
  let at = 0;
  for (const size of sizes) {
    messages.push(...splitter.push(bytes.subarray(at, at + size)));
    at += size;
  }
  messages.push(...splitter.push(bytes.subarray(at)), ...splitter.end());
  return messages.map((message) => message.bytes && message.bytes.toString());
}

const sizes = fc.array(fc.nat(40), { maxLength: 20 });
const item = fc.dictionary(fc.string(), fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.constant(null), fc.array(fc.string())));

test('each line is a message, byte for byte, however the input arrives', () => {
  const line = fc.oneof(
    item.map((value) => JSON.stringify(value)),
    fc.string().filter((text) => !/[\n\r]/.test(text)),
  );
  fc.assert(
    fc.property(fc.array(line), sizes, (lines, pieces) => {
      const input = ['{"first":1}', ...lines].join('\n');

      expect(cut(input, pieces)).toEqual(['{"first":1}', ...lines.filter((text) => text !== '')]);
    }),
  );
});

test('each item of an array is a message with its own bytes, compact or spread over lines', () => {
  fc.assert(
    fc.property(fc.array(item), fc.constantFrom(undefined, 2), sizes, (items, indent, pieces) => {
      const input = `  ${JSON.stringify(items, null, indent)}\n`;

      const messages = cut(input, pieces);

      expect(messages.map((text) => JSON.parse(text as string) as unknown)).toEqual(
        items.map((value) => JSON.parse(JSON.stringify(value)) as unknown),
      );
      for (const text of messages) expect(input).toContain(text);
    }),
  );
});

test('one object over several lines is one message', () => {
  fc.assert(
    fc.property(item, sizes, (value, pieces) => {
      const text = JSON.stringify({ device_id: 'M', ...value }, null, 2);

      expect(cut(`\n${text}\n`, pieces)).toEqual([text]);
    }),
  );
});

test('a malformed first line does not make one message of the file', () => {
  const lines = ['{"device_id":"M1",', '{"device_id":"M2"}', 'nonsense', '{'];

  expect(cut(lines.join('\n'))).toEqual(lines);
  expect(cut('{\n"text"\n[1]\n')).toEqual(['{', '"text"', '[1]']);
  expect(cut('{\n"text"\n{"device_id":"M2"}\nmore', [20], 24)).toEqual(['{', '"text"', '{"device_id":"M2"}', 'more']);
});

test.each([
  ['', []],
  ['\n\r\n\n', []],
  ['   ', ['   ']],
  ['{', ['{']],
  ['{}', ['{}']],
  ['[]', []],
  ['[', []],
  ['[1, "a,]\\"", {"b":[2]}', ['1', '"a,]\\""', '{"b":[2]}']],
  ['[1,,2]', ['1', '2']],
  ['[{"a":1}] \n{"b":2}\n', ['{"a":1}', ' ', '{"b":2}']],
  ['{"a":1}\r\n{"b":2}\r\n', ['{"a":1}\r', '{"b":2}\r']],
  ['no JSON at all', ['no JSON at all']],
])('%j', (input, expected) => {
  expect(cut(input).filter((text) => text !== ' ' || input === '   ')).toEqual(expected.filter((text) => text !== ' '));
});

test('a message that is too large is told and not held, and the next one is sent', () => {
  const large = `{"a":"${'x'.repeat(200)}"}`;

  expect(cut(`{"a":1}\n${large}\n{"b":2}`, [30, 30], 100)).toEqual(['{"a":1}', null, '{"b":2}']);
  expect(cut(`[{"a":1},${large},{"b":2}]`, [30, 30], 100)).toEqual(['{"a":1}', null, '{"b":2}']);
  expect(cut(JSON.stringify({ device_id: 'M', filler: 'x'.repeat(300) }, null, 1), [30, 60, 60], 100)).toEqual([null]);
});

test('an input that is white space for ever is lines', () => {
  expect(cut(' '.repeat(300), [150, 100], 100)).toEqual([null]);
});

test.each([
  ['lines', '{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}']],
  ['an array', '[{"a":1},{"b":2}]', ['{"a":1}', '{"b":2}']],
  ['one object', '{\n"a":1\n}\n', ['{\n"a":1\n}']],
  ['nothing', '', []],
])('the byte-order mark of a file with %s belongs to no message, in however many pieces it comes', (_, text, expected) => {
  for (const pieces of [[], [1, 1, 1], [2, 5]]) expect(cut(`\ufeff${text}`, pieces)).toEqual(expected);
});

test('a mark inside the file, or half of one, is sent as it stands', () => {
  expect(cut('{"a":1}\n\ufeff{"b":2}')).toEqual(['{"a":1}', '\ufeff{"b":2}']);
  expect(createMessageSplitter(100).end()).toEqual([]);
  const half = createMessageSplitter(100);
  expect([...half.push(Buffer.of(0xef, 0xbb)), ...half.end()]).toEqual([{ bytes: Buffer.of(0xef, 0xbb), place: 1, line: 1 }]);
});

test.each([
  ['lines, blank ones among them', '{"a":1}\n\n{"a":2}\n', [1, 3]],
  ['an array', '\n[\n  {"a":1},\n  {\n    "a":2},{"a":3}\n]\n{"a":4}', [3, 4, 5, 7]],
  ['one object', '\n\n{\n"a":1\n}\n', [3]],
])('each message tells the line on which it begins: %s', (_layout, text, lines) => {
  const splitter = createMessageSplitter(1000);
  expect([...splitter.push(Buffer.from(text)), ...splitter.end()].map(({ line }) => line)).toEqual(lines);
});
