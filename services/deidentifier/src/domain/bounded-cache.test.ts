import { expect, test } from '@jest/globals';
import { createBoundedCache } from './bounded-cache.ts';

const counted = (capacity: number) => {
  const created: string[] = [];
  const get = createBoundedCache(capacity, (key) => {
    created.push(key);
    return `value of ${key}`;
  });
  return { get, created };
};

test('a value is made once while it is remembered', () => {
  const { get, created } = counted(4);
  expect([get('a'), get('a')]).toEqual(['value of a', 'value of a']);
  expect(created).toEqual(['a']);
});

test('what is used stays, what is not is forgotten', () => {
  const { get, created } = counted(4);
  for (const key of ['a', 'b', 'c', 'a', 'd', 'a', 'e', 'f', 'a']) get(key);
  expect(created.filter((key) => key === 'a')).toHaveLength(1);
  get('b');
  expect(created.filter((key) => key === 'b')).toHaveLength(2);
});

test('even the smallest cache works', () => {
  const { get } = counted(1);
  expect(['a', 'b', 'a'].map(get)).toEqual(['value of a', 'value of b', 'value of a']);
});
