import { createHash } from 'node:crypto';
import type { ClaimReceived } from '@vigil/contracts';

/**
 * 128 bits over the bytes of a claim and what it needs to be read, as 32 hexadecimal digits. JSON has the same hash by itself
 * and inside of a `ClaimReceived`.
 */
export function bytesHashOf(value: Pick<ClaimReceived, 'content' | 'context'> | Buffer): string {
  const { content, context } = Buffer.isBuffer(value) ? { content: value, context: Buffer.alloc(0) } : value;
  return createHash('sha256').update(`claim-bytes ${context.length} `).update(context).update(content).digest('hex').slice(0, 32);
}
