import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { generateRuntimeReference } from './runtime-reference.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

test('the committed reference of settings, metrics and claim rules is what the services declare: npm run generate', async () => {
  for (const { path, text } of await generateRuntimeReference(root)) {
    expect({ path, text: readFileSync(join(root, path), 'utf8') }).toEqual({ path, text });
  }
});
