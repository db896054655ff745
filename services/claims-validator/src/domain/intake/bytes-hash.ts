import { hash } from 'node:crypto';
import type { ClaimReceived } from '@vigil/contracts';

/**
 * 128 bits over the bytes of a claim and what it needs to be read, as 32 hexadecimal digits. JSON has the same hash by itself
 * and inside of a `ClaimReceived`.
 */
export function bytesHashOf(value: Pick<ClaimReceived, 'content' | 'context'> | Buffer): string {
  if (Buffer.isBuffer(value)) return hash('sha256', value, 'hex').slice(0, 32);
  const { content, context } = value;
  const whole = context.length === 0 ? content : Buffer.concat([Buffer.from(`${context.length} `), context, content]);
  return hash('sha256', whole, 'hex').slice(0, 32);
}
