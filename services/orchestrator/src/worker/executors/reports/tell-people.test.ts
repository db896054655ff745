import { expect, test } from '@jest/globals';
import { tellPeople } from './tell-people.ts';

test.each([
  [0, 11, 0],
  [1, 11, '<11'],
  [10, 11, '<11'],
  [11, 11, 11],
  [21, 11, 11],
  [22, 11, 22],
  // A smaller k finds fewer cells; it does not tell more of them.
  [2, 2, '<11'],
  [24, 20, 20],
  [19, 20, '<20'],
])('%d people with k %d are told as %p', (count, k, told) => {
  expect(tellPeople(count, k)).toBe(told);
});

test('two numbers that differ by few people never show that they do', () => {
  for (let all = 11; all < 200; all++)
    for (let few = 1; few < 11 && all - few >= 11; few++) {
      const difference = Number(tellPeople(all, 11)) - Number(tellPeople(all - few, 11));
      // None, or one that a difference of 11 and more explains as well.
      expect([0, 11]).toContain(difference);
    }
});
