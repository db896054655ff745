import { hash, timingSafeEqual } from 'node:crypto';
import { HttpProblem } from './problem.ts';

const digestOf = (text: string): Buffer => hash('sha256', text, 'buffer');

const refusal = (detail: string): HttpProblem =>
  new HttpProblem({
    status: 401,
    name: 'unauthorised',
    title: 'The request is not authorised',
    detail,
    headers: { 'WWW-Authenticate': 'Bearer realm="vigil"' },
  });

/**
 * Checks `Authorization: Bearer <key>`. Digests are compared, in constant time: neither content nor length of the key shows
 * in how long the answer takes.
 *
 * @throws HttpProblem 401
 */
export function createAuthorise(apiKey: string): (header: string | undefined) => void {
  const expected = digestOf(apiKey);
  return (header) => {
    const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
    if (given === undefined) throw refusal('Send the header Authorization: Bearer <gateway API key>.');
    if (!timingSafeEqual(digestOf(given), expected)) throw refusal('The gateway API key is not valid.');
  };
}
