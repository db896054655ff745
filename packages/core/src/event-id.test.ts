import { expect, test } from '@jest/globals';
import { eventIdOf, hashId, toUuid } from './event-id.ts';

test('the same origin gives the same id and another offset another', () => {
  const origin = { topic: 't', partition: 1, offset: 2 };

  expect(eventIdOf(origin)).toBe(eventIdOf({ ...origin }));
  expect(eventIdOf(origin)).not.toBe(eventIdOf({ ...origin, offset: 3 }));
  expect(eventIdOf(origin)).not.toBe(eventIdOf(origin, 1));
});

test('an event id is the hash of its origin, whatever origin came before', () => {
  for (const [topic, partition, offset, ordinal] of [
    ['t', 1, 2, 0],
    ['t', 2, 2, 0],
    ['u', 2, 2, 3],
    ['t', 1, 2, 0],
    ['', -1, 0, 0],
  ] as const) {
    expect(eventIdOf({ topic, partition, offset }, ordinal)).toBe(hashId('event', topic, partition, offset, ordinal));
  }
});

test('parts cannot run into each other', () => {
  expect(hashId('a', 'bc')).not.toBe(hashId('ab', 'c'));
});

test('an id becomes a version 8 UUID', () => {
  expect(toUuid(hashId('x'))).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
