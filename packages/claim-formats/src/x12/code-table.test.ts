import { expect, test } from '@jest/globals';
import { createCodeTable } from './code-table.ts';
import { codeOf } from './scan-segments.ts';
import { knownSegments, segmentSpecs } from './segment-specs.ts';

test('a table answers for every code as a map does, for codes that fall into the place of another, too', () => {
  const map = new Map([...knownSegments].map((code) => [code, `of ${code}`] as const));
  const table = createCodeTable(map);
  const asked = [...map.keys(), 0, codeOf('ZZZ'), ...Array.from({ length: 5_000 }, (_, step) => step * 3_355)];
  expect(asked.map((code) => table.get(code))).toEqual(asked.map((code) => map.get(code)));
  expect(asked.filter((code) => table.has(code))).toEqual(asked.filter((code) => map.has(code)));
});

test('the last of two entries for a code counts, as in a map', () => {
  const table = createCodeTable([
    [codeOf('CLM'), 'first'],
    [codeOf('CLM'), 'last'],
  ]);
  expect(table.get(codeOf('CLM'))).toBe('last');
});

test('what the directory does not list has no elements to look at', () => {
  expect(segmentSpecs.get(codeOf('NTE'))).toBeUndefined();
  expect(segmentSpecs.get(codeOf('CLM'))?.elements).toHaveLength(10);
});
