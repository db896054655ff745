import { z } from 'zod';
import type { RestrictedZip3 } from '../domain/zip3.ts';
import { readDefinition } from './read-definition.ts';

const file = z.strictObject({
  version: z.int().positive(),
  lists: z
    .array(z.strictObject({ source: z.string().min(1), zip3: z.array(z.string().regex(/^\d{3}$/, 'must be three digits')).min(1) }))
    .min(1),
});

/**
 * Reads the areas that are too small to be told; several lists are united, since the stricter one protects.
 * @throws VigilError BAD_DEFINITION that lists every problem
 */
export function loadRestrictedZip3(path: string): { readonly version: number; readonly restricted: RestrictedZip3 } {
  const { version, lists } = readDefinition(path, file);
  return { version, restricted: new Set(lists.flatMap(({ zip3 }) => zip3)) };
}
