import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { aMessage, anAvroMessage, exampleMs } from '../../test-support/messages.ts';
import { canonicalText } from './canonical-text.ts';
import { identityText, messageHashOf } from './message-identity.ts';
import { readMessage, type JsonObject } from './read-message.ts';

const member = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.boolean()) },
  fc.constant(null),
  fc.jsonValue({ maxDepth: 2 }),
);
const documented = fc.record(
  {
    device_id: fc.string({ minLength: 1 }),
    patient_id: fc.string({ minLength: 1 }),
    timestamp: fc.constantFrom('2024-03-15T14:30:00Z', '2024-03-15T14:31:00Z'),
    measurements: fc.record(
      {
        heart_rate: member,
        temperature: member,
        blood_pressure: fc.oneof(member, fc.record({ systolic: member, diastolic: member, site: member }, { requiredKeys: [] })),
        own: member,
      },
      { requiredKeys: [] },
    ),
    units: fc.dictionary(fc.constantFrom('temperature', 'heart_rate'), fc.string()),
    supplemental_oxygen: member,
    device_status: member,
    location: fc.oneof(member, fc.record({ ward: member, bed: member }, { requiredKeys: [] })),
    own: member,
  },
  { requiredKeys: ['device_id'] },
);

/** The same value with its keys in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, reordered(inner)] as const);
  return Object.fromEntries(entries.reverse());
}

const saysNothing = (value: unknown): boolean =>
  value === null || value === '' || (typeof value === 'object' && !Array.isArray(value) && Object.values(value).every(saysNothing));

/** What a message says, apart from how it is written. */
function meaning(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => (item === null ? {} : meaning(item)));
  if (typeof value === 'number') return value + 0;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => !saysNothing(inner));
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, meaning(inner)]).sort(([left], [right]) => (String(left) < String(right) ? -1 : 1)),
  );
}

test('the order of keys makes no difference', () => {
  fc.assert(fc.property(documented, (message) => expect(canonicalText(reordered(message) as JsonObject)).toBe(canonicalText(message))));
});

test('two messages have one text exactly when they say the same', () => {
  fc.assert(
    fc.property(documented, documented, fc.boolean(), (left, other, same) => {
      const right = same ? (reordered(left) as JsonObject) : other;
      const agree = JSON.stringify(meaning(left)) === JSON.stringify(meaning(right));
      expect(canonicalText(left) === canonicalText(right)).toBe(agree);
    }),
    { numRuns: 1000 },
  );
});

test('one changed member anywhere is another message', () => {
  const texts = [
    aMessage(),
    aMessage({ patient_id: 'PAT_2' }),
    aMessage({ timestamp: '2024-03-15T14:30:01Z' }),
    aMessage({ measurements: { heart_rate: 72 } }),
    aMessage({ measurements: { heart_rate: '72' } }),
    aMessage({ measurements: { heart_rate: 73 } }),
    aMessage({ measurements: { heart_rate: 72, site: 'cuff' } }),
    aMessage({ measurements: { heart_rate: 72, site: 'arterial' } }),
    aMessage({ units: { temperature: 'Cel' } }),
    aMessage({ location: 'ICU' }),
    aMessage({ location: ['ICU'] }),
    aMessage({ supplemental_oxygen: false }),
    aMessage({ own: [1, 2] }),
    aMessage({ own: [[1, 2]] }),
    aMessage({ own: [12] }),
  ].map(canonicalText);

  expect(new Set(texts).size).toBe(texts.length);
});

const read = (text: string): JsonObject => {
  const result = readMessage(Buffer.from(text));
  if (!result.ok) throw new Error(result.code);
  return result.message;
};

test('the form of a number makes no difference, nor absent against null or empty', () => {
  const plain = read('{"device_id":"M","measurements":{"heart_rate":72}}');
  for (const text of [
    '{ "measurements" : {"heart_rate":72.0}, "device_id":"M" }',
    '{"device_id":"M","measurements":{"heart_rate":7.2e1,"temperature":null},"own":null,"location":{}}',
    '{"device_id":"M","measurements":{"heart_rate":72,"blood_pressure":{"systolic":null}},"device_status":"","own":{"a":null}}',
  ]) {
    expect(canonicalText(read(text))).toBe(canonicalText(plain));
  }
});

test('the JSON and the Avro form of one message are the same message', () => {
  expect(canonicalText(anAvroMessage())).toBe(canonicalText(aMessage()));
});

const identified = (message: JsonObject, changes = {}) =>
  identityText({ message, deviceId: String(message['device_id']), observedAt: exampleMs, exactBytes: null, ...changes });

test('a message id decides alone, for its device', () => {
  expect(identified(aMessage({ message_id: 'm1' }))).toBe(identified(aMessage({ message_id: 'm1', measurements: {} })));
  expect(identified(aMessage({ message_id: 7 }))).toBe(identified(aMessage({ message_id: '7' })));
  expect(identified(aMessage({ message_id: 'm1' }))).not.toBe(identified(aMessage({ message_id: 'm2' })));
  expect(identified(aMessage({ message_id: 'm1' }))).not.toBe(identified(aMessage({ message_id: 'm1', device_id: 'MONITOR_002' })));
});

test('a sequence decides with its instant: a restarted monitor counts anew', () => {
  const message = aMessage({ sequence: 1 });

  expect(identified(message)).toBe(identified(aMessage({ sequence: '1', measurements: {} })));
  expect(identified(message)).not.toBe(identified(message, { observedAt: exampleMs + 1 }));
  expect(identified(message)).not.toBe(identified(aMessage({ message_id: '1' })));
});

test('an id that is none leaves the content to decide', () => {
  for (const nothing of [{ message_id: '' }, { message_id: null, sequence: '' }, { sequence: null }]) {
    expect(identified(aMessage(nothing))).toBe(identified(aMessage()));
  }
  expect(identified(aMessage({ message_id: { a: 1 } }))).not.toBe(identified(aMessage({ message_id: { a: 2 } })));
});

test('where parsing lost digits the bytes decide', () => {
  const bytes = (last: string) => Buffer.from(`{"sequence":900719925474099${last}}`);

  expect(identified(aMessage(), { exactBytes: bytes('2') })).not.toBe(identified(aMessage(), { exactBytes: bytes('3') }));
});

test('a hash has 128 bits that follow from the identity', () => {
  const hash = (message: JsonObject) =>
    Uint32Array.from(messageHashOf({ message, deviceId: 'MONITOR_001', observedAt: exampleMs, exactBytes: null }));

  expect(hash(aMessage())).toHaveLength(4);
  expect(hash(aMessage())).toEqual(hash(reordered(aMessage()) as JsonObject));
  expect(hash(aMessage())).not.toEqual(hash(aMessage({ own: 1 })));
});

test('a message that names itself is known by its name, however many digits its numbers have', () => {
  const identity = (text: string): string => {
    const read = readMessage(Buffer.from(text));
    if (!read.ok) throw new Error(read.code);
    return identityText({ message: read.message, deviceId: 'M1', observedAt: 0, exactBytes: read.lossy ? Buffer.from(text) : null });
  };

  expect(identity('{"message_id":"a","v":0.30000000000000004}')).toBe(identity('{"v": 0.30000000000000004, "message_id":"a"}'));
  expect(identity('{"message_id":9007199254740993}')).not.toBe(identity('{"message_id":9007199254740992}'));
});

test.each([Infinity, -Infinity, NaN])('%p is not the same as nothing measured', (heart_rate) => {
  const measurements = { oxygen_saturation: 97 };

  expect(canonicalText(aMessage({ measurements: { ...measurements, heart_rate } }))).not.toBe(canonicalText(aMessage({ measurements })));
});
