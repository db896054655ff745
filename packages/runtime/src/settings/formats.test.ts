import { expect, test } from '@jest/globals';
import type { ZodType } from 'zod';
import { addresses, decimal, flag, instant, integer, milliseconds, oneOf, path, port, text, url } from './formats.ts';

const read = (format: ZodType, given: string | undefined): unknown => {
  const parsed = format.safeParse(given);
  return parsed.success ? parsed.data : parsed.error.issues.map(({ message }) => message).join('; ');
};

const http = url('http', 'https');

test.each<[string, ZodType, string | undefined, unknown]>([
  ['a whole number', integer({ min: 1, max: 9 }), '7', 7],
  ['a whole number below', integer({ min: 1, max: 9 }), '0', 'is below 1'],
  ['a whole number above', integer({ min: 1, max: 9 }), '10', 'is above 9'],
  ['no rounding', integer({ min: 1, max: 9 }), '7.5', 'is not a whole number'],
  ['no hexadecimals', integer({ min: 0, max: 99 }), '0x10', 'is not a whole number'],
  ['no blanks', integer({ min: 0, max: 99 }), ' 7', 'is not a whole number'],
  ['a decimal number', decimal({ min: 0, max: 1 }), '0.25', 0.25],
  ['no exponent', decimal({ min: 0, max: 1 }), '1e-1', 'is not a decimal number'],
  ['a decimal number above', decimal({ min: 0, max: 1 }), '1.5', 'is above 1'],
  ['milliseconds', milliseconds({ max: 10 }), '10', 10],
  ['a port', port(), '65535', 65_535],
  ['no such port', port(), '65536', 'is above 65535'],
  ['true', flag(), 'true', true],
  ['false', flag(), 'false', false],
  ['neither', flag(), 'yes', 'is neither true nor false'],
  ['a word', oneOf(['a', 'b']), 'b', 'b'],
  ['another word', oneOf(['a', 'b']), 'c', 'is not one of a, b'],
  ['no word', oneOf(['a', 'b']), undefined, 'is missing'],
  ['text', text(), 'some text', 'some text'],
  ['text with a control character', text(), 'a\u0000b', 'is empty or holds control characters'],
  ['long text', text({ max: 3 }), 'four', 'is longer than 3 characters'],
  ['a path', path(), '/etc/keys.json', '/etc/keys.json'],
  ['a URL', http, 'https://host:1/x', 'https://host:1/x'],
  ['another scheme', http, 'ftp://host', 'is not a URL like http://host:port or https://host:port'],
  ['no URL', http, 'localhost', 'is not a URL like http://host:port or https://host:port'],
  ['addresses', addresses(), '[::1]:1,b.example:9092', ['[::1]:1', 'b.example:9092']],
  ['an address without port', addresses(), 'a:1,b', 'is not a list like host:9092,host:9093'],
  ['an address with an impossible port', addresses(), 'a:70000', 'is not a list like host:9092,host:9093'],
  ['an instant', instant(), '2024-03-15T14:30:00+01:00', Date.UTC(2024, 2, 15, 13, 30)],
  ['a time without zone', instant(), '2024-03-15T14:30:00', 'is not a time like 2024-03-15T14:30:00Z'],
  ['no time', instant(), undefined, 'is missing'],
])('%s', (_name, format, given, expected) => {
  expect(read(format, given)).toEqual(expected);
});
