import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { VigilError, type NamedKey } from '@vigil/core';

/** The secret keys of the fleet. */
export interface Keys {
  /** Makes internal tokens of identifiers. */
  readonly token: NamedKey;
  /** Makes pseudonyms, keyed ids and time anchors of the de-identified dataset. */
  readonly dataset: NamedKey;
  /** Seals identifying fields and archived bytes. */
  readonly data: NamedKey;
  /** The dataset key before the last rotation, while both are in use. */
  readonly previousDataset: NamedKey | null;
}

const leastSecretBytes = 32;

const namedKey = z.strictObject({
  id: z.string().regex(/^[a-z0-9]{1,16}$/, 'must be 1 to 16 small letters and digits'),
  secret: z
    .base64('must be base64')
    .transform((text) => Buffer.from(text, 'base64'))
    .refine((secret) => secret.length >= leastSecretBytes, `must hold at least ${leastSecretBytes} bytes`),
});

const keysFile = z.strictObject({ token: namedKey, dataset: namedKey, data: namedKey, previousDataset: namedKey.optional() });

const othersMayRead = 0o077;

function read(file: string): unknown {
  try {
    if ((statSync(file).mode & othersMayRead) !== 0) {
      throw new VigilError('BAD_SETTINGS', { detail: `${file} can be read by others: chmod 600 ${file}.` });
    }
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof VigilError) throw error;
    // The cause is left out: a JSON error quotes the text, which is the secret.
    throw new VigilError('BAD_SETTINGS', { detail: `The keys file ${file} cannot be read or is not JSON: vigil stack up makes one.` });
  }
}

/**
 * Reads the keys of a service.
 *
 * @throws VigilError BAD_SETTINGS when the file is missing, readable by others, incomplete, or uses a secret twice;
 *   no message holds any part of a secret
 */
export function loadKeys(file: string): Keys {
  const parsed = keysFile.safeParse(read(file));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`).join('; ');
    throw new VigilError('BAD_SETTINGS', { detail: `The keys file ${file} is not valid: ${problems}.` });
  }
  const { previousDataset = null, ...keys } = parsed.data;
  const all = [keys.token, keys.dataset, keys.data, ...(previousDataset ? [previousDataset] : [])];
  if (new Set(all.map((key) => key.secret.toString('base64'))).size < all.length) {
    throw new VigilError('BAD_SETTINGS', { detail: `The keys file ${file} uses one secret for two purposes.` });
  }
  if (previousDataset?.id === keys.dataset.id) {
    throw new VigilError('BAD_SETTINGS', { detail: `The keys file ${file} gives both dataset keys one id.` });
  }
  return { ...keys, previousDataset };
}
