import { z } from 'zod';
import type { DeviceWords } from '../domain/device-name.ts';
import { readDefinition } from './read-definition.ts';

const file = z.strictObject({
  version: z.int().positive(),
  words: z.record(z.string(), z.array(z.string().regex(/^[a-z0-9]{2,32}$/, 'must be one word of small letters and digits')).min(1)),
});

/**
 * Reads the words that names of devices may be made of, in groups that mean nothing to the program.
 * @throws VigilError BAD_DEFINITION that lists every problem
 */
export function loadDeviceWords(path: string): { readonly version: number; readonly words: DeviceWords } {
  const { version, words } = readDefinition(path, file);
  return { version, words: new Set(Object.values(words).flat()) };
}
