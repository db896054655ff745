import { readFileSync } from 'node:fs';
import { VigilError } from '@vigil/core';
import { z } from 'zod';
import type { RestrictedZip3 } from '../domain/zip3.ts';

const file = z.strictObject({
  version: z.int().positive(),
  lists: z
    .array(z.strictObject({ source: z.string().min(1), zip3: z.array(z.string().regex(/^\d{3}$/, 'must be three digits')).min(1) }))
    .min(1),
});

const parsed = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new VigilError('BAD_DEFINITION', { detail: `${path} cannot be read or is not JSON.`, cause });
  }
};

/**
 * Reads the areas that are too small to be told; several lists are united, since the stricter one protects.
 * @throws VigilError BAD_DEFINITION that lists every problem
 */
export function loadRestrictedZip3(path: string): { readonly version: number; readonly restricted: RestrictedZip3 } {
  const read = file.safeParse(parsed(path));
  if (!read.success) {
    const problems = read.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`).join('; ');
    throw new VigilError('BAD_DEFINITION', { detail: `${path}: ${problems}.` });
  }
  return { version: read.data.version, restricted: new Set(read.data.lists.flatMap(({ zip3 }) => zip3)) };
}
