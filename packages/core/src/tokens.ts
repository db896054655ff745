import { createHmac } from 'node:crypto';

/** A secret key with the short name that ciphertexts and tokens carry, so that keys can be rotated. */
export interface NamedKey {
  readonly id: string;
  readonly secret: Buffer;
}

const keyed = (key: NamedKey, label: string, identifier: string): Buffer =>
  createHmac('sha256', key.secret).update(label).update('\0').update(identifier).digest();

/**
 * Replaces an identifier by its internal token: HMAC-SHA-256 under the internal key, 128 bits, with the key's id in front.
 *
 * @param label  the kind of identifier (`patient`, `member`, `policy`): equal text of two kinds gives unrelated tokens
 */
export const tokenOf = (key: NamedKey, label: string, identifier: string): string =>
  `${key.id}.${keyed(key, label, identifier).subarray(0, 16).toString('base64url')}`;
