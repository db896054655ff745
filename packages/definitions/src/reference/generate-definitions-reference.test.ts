import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { generateDefinitionsReference } from './generate-definitions-reference.ts';

test.each(generateDefinitionsReference())('$path is what the schemas say; else run node scripts/generate.ts', ({ path, text }) => {
  expect(readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')).toBe(text);
});
