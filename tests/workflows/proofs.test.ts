import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/reference/workflow-proofs.md'), 'utf8');
const rows = [...page.matchAll(/^\| (?<what>[^|]+) \| `(?<file>[^`]+)` \| (?<name>[^|]+) \|$/gm)].map(({ groups }) => groups ?? {});

test('the page of proofs names tests that there are', () => {
  const missing = rows.filter(({ file = '', name = '' }) => {
    const path = join(root, file);
    return !existsSync(path) || !readFileSync(path, 'utf8').includes(name.trim());
  });

  expect(rows.length).toBeGreaterThan(30);
  expect(missing).toEqual([]);
});
