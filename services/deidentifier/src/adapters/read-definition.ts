import { readFileSync } from 'node:fs';
import { VigilError } from '@vigil/core';
import type { ZodType } from 'zod';

const parsed = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new VigilError('BAD_DEFINITION', { detail: `${path} cannot be read or is not JSON.`, cause });
  }
};

/**
 * Reads a JSON file of rules.
 * @throws VigilError BAD_DEFINITION that lists every problem
 */
export function readDefinition<Definition>(path: string, schema: ZodType<Definition>): Definition {
  const read = schema.safeParse(parsed(path));
  if (read.success) return read.data;
  const problems = read.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`).join('; ');
  throw new VigilError('BAD_DEFINITION', { detail: `${path}: ${problems}.` });
}
