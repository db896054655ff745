import { expect, test } from '@jest/globals';
import { differencesBesideRepeats, outcomeDifferences } from './compare-outcomes.ts';

const table = (entries: Record<string, string>) => new Map(Object.entries(entries));

test('equal tables have no difference, whatever their order', () => {
  expect(outcomeDifferences(table({ a: '1', b: '2' }), table({ b: '2', a: '1' }))).toEqual([]);
});

test('a changed value and an entry of one side are found on both sides', () => {
  expect(outcomeDifferences(table({ a: '1' }), table({ a: '2' }))).toEqual(['a: ours 1, theirs 2']);
  expect(outcomeDifferences(table({ a: '1', b: '1' }), table({ a: '1' }))).toEqual(['only ours has b']);
  expect(outcomeDifferences(table({ a: '1' }), table({ a: '1', b: '1' }))).toEqual(['only theirs has b']);
});

test('nothing compared is not equal', () => {
  expect(outcomeDifferences(table({}), table({}))).toEqual(['nothing was compared']);
});

test('without dedupe exactly the repeats may be more', () => {
  const [ours, theirs] = [table({ a: '1' }), table({ a: '1', b: '1' })];
  expect(differencesBesideRepeats(ours, theirs, 1)).toEqual([]);
  expect(differencesBesideRepeats(ours, theirs, 2)).toEqual(['theirs has 1 more, of 2 repeats']);
  expect(differencesBesideRepeats(table({ a: '2' }), theirs, 1)).toEqual(['a: ours 2, theirs 1']);
});
