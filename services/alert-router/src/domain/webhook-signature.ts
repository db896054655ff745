import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Whether `header` (`X-PagerDuty-Signature`) holds a signature of `body` under one of the secrets: `v1=<hex>`, several
 * separated by commas while a secret is being changed. Takes the same time wherever a wrong signature differs.
 */
export function isSignedBy(secrets: readonly string[], header: string | undefined, body: Buffer): boolean {
  const given = (header ?? '').split(',').map((part) => Buffer.from(part.trim()));
  const expected = secrets.map((secret) => Buffer.from(`v1=${createHmac('sha256', secret).update(body).digest('hex')}`));
  let matches = false;
  for (const one of given) for (const other of expected) matches = (one.length === other.length && timingSafeEqual(one, other)) || matches;
  return matches;
}
