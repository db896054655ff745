import { hash, timingSafeEqual } from 'node:crypto';
import { ApiProblem } from './problem.ts';

const digestOf = (text: string): Buffer => hash('sha256', text, 'buffer');
const headers = { 'WWW-Authenticate': 'Bearer realm="vigil"' };

/**
 * Checks `Authorization: Bearer <key>`. Digests are compared, in constant time: neither content nor length of the key shows
 * in how long the answer takes.
 *
 * @throws ApiProblem API_KEY_REFUSED
 */
export function createAuthorise(apiKey: string): (header: string | undefined) => void {
  const expected = digestOf(apiKey);
  return (header) => {
    const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
    if (given === undefined) throw new ApiProblem('API_KEY_REFUSED', 'There is no header Authorization: Bearer <API key>.', { headers });
    if (!timingSafeEqual(digestOf(given), expected)) throw new ApiProblem('API_KEY_REFUSED', 'The key is not this one’s.', { headers });
  };
}
