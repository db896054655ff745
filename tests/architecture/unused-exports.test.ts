import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readSources, unusedExports } from './unused-exports.ts';

test('an export that only its own file names is found; one that a test or script uses is not', () => {
  const sources = new Map([
    [
      'packages/a/src/x.ts',
      'export const usedHere = 1;\nexport async function usedThere() {}\nexport class Mine {}\nexport type Shape = 1;\n',
    ],
    ['scripts/y.ts', 'usedThere();\nexport const ofAScript = 1;\n'],
  ]);

  expect(unusedExports(sources)).toEqual(['packages/a/src/x.ts: usedHere', 'packages/a/src/x.ts: Mine']);
});

test('what is exported is used by another file', () => {
  expect(unusedExports(readSources(join(import.meta.dirname, '../..')))).toEqual([]);
});
