import { expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { tokenOf } from './tokens.ts';

const key = { id: 'k1', secret: Buffer.alloc(32, 7) };

test('a token is the key id and 128 bits of HMAC-SHA-256 over label and identifier', () => {
  const expected = createHmac('sha256', key.secret).update('patient\0PAT_12345').digest().subarray(0, 16).toString('base64url');

  expect(tokenOf(key, 'patient', 'PAT_12345')).toBe(`k1.${expected}`);
});

test('another label, identifier or key gives an unrelated token', () => {
  const tokens = [
    tokenOf(key, 'patient', 'a'),
    tokenOf(key, 'member', 'a'),
    tokenOf(key, 'patient', 'b'),
    tokenOf({ id: 'k1', secret: Buffer.alloc(32, 8) }, 'patient', 'a'),
  ];

  expect(new Set(tokens).size).toBe(tokens.length);
});
