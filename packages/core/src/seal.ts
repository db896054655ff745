import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { NamedKey } from './tokens.ts';

const magic = 0x56;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Encrypts with AES-256-GCM under a 96-bit random nonce.
 * Wire: magic | length of key id | key id | nonce | ciphertext | tag.
 *
 * @param context  bound as additional authenticated data, so that ciphertext cannot be moved to another place
 * @param random  source of the nonce: `randomBytes` of node:crypto everywhere but in a simulation
 */
export function seal(key: NamedKey, context: string, plain: Buffer, random: (size: number) => Buffer = randomBytes): Buffer {
  const nonce = random(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key.secret, nonce);
  cipher.setAAD(Buffer.from(context, 'utf8'));
  const keyId = Buffer.from(key.id, 'utf8');
  return Buffer.concat([Buffer.of(magic, keyId.length), keyId, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** The context of a sealed field: its subject, its path in the value, whose it is and the key that sealed it. */
export const sealContext = (place: {
  readonly subject: string;
  readonly field: string;
  readonly owner: string;
  readonly keyId: string;
}): string => [place.subject, place.field, place.owner, place.keyId].join('|');

/** The id of the key that `sealed` was made with. */
export const sealKeyId = (sealed: Buffer): string => sealed.subarray(2, 2 + (sealed[1] ?? 0)).toString('utf8');

/** @throws when the key, the context or one bit of `sealed` is not what it was when it was sealed */
export function unseal(key: NamedKey, context: string, sealed: Buffer): Buffer {
  const nonceAt = 2 + (sealed[1] ?? 0);
  const decipher = createDecipheriv('aes-256-gcm', key.secret, sealed.subarray(nonceAt, nonceAt + nonceBytes));
  decipher.setAAD(Buffer.from(context, 'utf8'));
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(nonceAt + nonceBytes, -tagBytes)), decipher.final()]);
}
