import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { splitJson, splitLines } from './split-items.ts';

const texts = (items: readonly Buffer[] | null) => items?.map((item) => item.toString('utf8')) ?? null;
const space = fc.constantFrom('', ' ', '\n', '\r\n\t ');

test('the items of an array are cut out byte for byte', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), space, fc.constantFrom(0, 2), (values, around, indent) => {
      const items = values.map((value) => JSON.stringify(value, null, indent));
      const body = `${around}[${around}${items.join(`${around},${around}`)}${around}]${around}`;
      expect(texts(splitJson(Buffer.from(body)))).toEqual(items);
    }),
  );
});

test('anything else is one item', () => {
  expect(texts(splitJson(Buffer.from(' {"a":[1,2]}\n')))).toEqual(['{"a":[1,2]}']);
  expect(texts(splitJson(Buffer.from('nonsense')))).toEqual(['nonsense']);
  expect(splitJson(Buffer.from(' \n'))).toEqual([]);
  expect(splitJson(Buffer.from('[ ]'))).toEqual([]);
});

test.each(['[', '[{"a":1}', '[{"a":1}]]', '[{"a":1}] 1', '[{"a":1}}]', '["a', '["a\\"]', '[1,'])('%s is no array', (body) => {
  expect(splitJson(Buffer.from(body))).toBeNull();
});

test('an array with a hole has an item that is nothing', () => {
  expect(texts(splitJson(Buffer.from('[1,,2]')))).toEqual(['1', '', '2']);
  expect(texts(splitJson(Buffer.from('[1,]')))).toEqual(['1', '']);
  expect(texts(splitJson(Buffer.from('[{} {}]')))).toEqual(['{} {}']);
});

test('the lines that hold anything are the items of NDJSON', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom('\n', '\r\n', '\n\n', '\n \t\n'), fc.boolean(), (values, newline, ends) => {
      const items = values.map((value) => JSON.stringify(value));
      expect(texts(splitLines(Buffer.from(items.join(newline) + (ends ? newline : ''))))).toEqual(items);
    }),
  );
});

test('whatever the bytes are, splitting ends', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('[', ']', '{', '}', ',', '"', '\\', ' ', '1') }), (text) => {
      const body = Buffer.from(text);
      const items = splitJson(body);
      if (items !== null) expect(items.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(body.length);
    }),
  );
});

test('beyond the most that is asked for nothing is cut', () => {
  expect(splitJson(Buffer.from('[1,2,3,4,5]'), 2)).toHaveLength(3);
  expect(splitLines(Buffer.from('1\n2\n3\n4\n5\n'), 2)).toHaveLength(3);
  expect(splitJson(Buffer.from('[1,2]'), 2)).toHaveLength(2);
});
