import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { defaultZip3File } from '../config.ts';
import { loadRestrictedZip3 } from './load-restricted-zip3.ts';

const directory = mkdtempSync(join(tmpdir(), 'vigil-zip3-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
const fileWith = (content: unknown): string => {
  const file = join(directory, `${++files}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};

test('the list of this service is valid and versioned', () => {
  expect(loadRestrictedZip3(defaultZip3File)).toEqual({ version: 1, restricted: expect.any(Set) });
});

test('several lists are united', () => {
  const lists = [
    { source: 'a', zip3: ['036'] },
    { source: 'b', zip3: ['036', '205'] },
  ];
  expect([...loadRestrictedZip3(fileWith({ version: 2, lists })).restricted]).toEqual(['036', '205']);
});

test.each<[string, () => string, RegExp]>([
  ['a missing file', () => join(directory, 'none.json'), /cannot be read/],
  ['no JSON', () => fileWith('036'.repeat(3) + '{'), /cannot be read or is not JSON/],
  ['an empty list, which would tell of every area', () => fileWith({ version: 1, lists: [] }), /lists: /],
  ['no object', () => fileWith('1'), /the file: /],
  [
    'a prefix of two digits',
    () => fileWith({ version: 1, lists: [{ source: 'a', zip3: ['36'] }] }),
    /lists.0.zip3.0: must be three digits/,
  ],
])('%s stops the start', (_name, file, expected) => {
  const loading = (): unknown => loadRestrictedZip3(file());
  expect(loading).toThrow(expected);
  expect(loading).toThrow(expect.objectContaining({ code: 'BAD_DEFINITION' }));
});
