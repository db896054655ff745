import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { scanMembers, textOf } from '@vigil/batch';
import { shiftTimestamp, timestampOf } from './shift-timestamps.ts';

const idIn = (message: string): string | undefined => {
  const bytes = Buffer.from(message);
  const range = scanMembers(bytes, ['device_id']).get('device_id');
  return range && textOf(bytes, range);
};

test('finds what JSON.parse finds, wherever it stands', () => {
  const other = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }));
  fc.assert(
    fc.property(other, fc.string({ unit: 'grapheme' }), other, fc.constantFrom(undefined, 2), (before, id, after, indent) => {
      const text = JSON.stringify({ ...before, device_id: id, ...after }, null, indent);

      const expected = (JSON.parse(text) as { device_id: unknown }).device_id;
      expect(idIn(text)).toBe(typeof expected === 'string' ? expected : undefined);
    }),
  );
});

test.each([
  ['{"device_id":"M1","patient', 'M1'],
  ['{"measurements":{"device_id":"inner"},"device_id":"outer"}', 'outer'],
  ['{"a":[{"device_id":"inner"}]}', undefined],
  ['{"device_id":"a","device_id":"b"}', 'b'],
  ['{"device_id":"a","device_id":7}', undefined],
  ['{"device_id":7}', undefined],
  ['{"device_id":"M1', 'M1'],
  ['{"device_id":"M\\u00e9"}', 'Mé'],
  ['{"device_id":"M\\x"}', undefined],
  ['{"device_id" "M1"}', undefined],
  ['{device_id:"M1"}', undefined],
  ['["device_id"]', undefined],
  ['{"a":NaN,"device_id":"M1"}', 'M1'],
  ['{"device_id', undefined],
  ['', undefined],
])('%s has the id %s', (message, id) => {
  expect(idIn(message)).toBe(id);
});

test('random bytes are scanned to an end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(scanMembers(Buffer.concat([Buffer.from('{"'), bytes]), ['device_id'])).toBeInstanceOf(Map);
    }),
  );
});

test('only the timestamp moves, every other byte stays', () => {
  const message = Buffer.from('{"timestamp" : "2024-03-15T14:30:00+02:00","a":1.50, "b": "\\u00e9"}');

  expect(timestampOf(message)).toBe(Date.parse('2024-03-15T12:30:00Z'));
  expect(shiftTimestamp(message, 61_001).toString()).toBe('{"timestamp" : "2024-03-15T12:31:01.001Z","a":1.50, "b": "\\u00e9"}');
});

test.each(['{"timestamp":"yesterday"}', '{"timestamp":"2024-03-15T14:30:00"}', '{"timestamp":1}', '{}', 'x'])(
  'a message without a time that can be read stays as it is: %s',
  (message) => {
    expect(shiftTimestamp(Buffer.from(message), 1000).toString()).toBe(message);
  },
);

test('a time that would leave the calendar stays as it is', () => {
  const message = '{"timestamp":"2024-03-15T14:30:00Z"}';

  expect(shiftTimestamp(Buffer.from(message), 9e15).toString()).toBe(message);
});
