import { expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { seal, sealContext, sealKeyId, unseal } from './seal.ts';

const key = { id: 'data-1', secret: randomBytes(32) };

test('what was sealed is unsealed with the same key and context', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (bytes, context) => {
      expect(unseal(key, context, seal(key, context, Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
    }),
  );
});

test('one flipped bit anywhere, another context or another key is refused', () => {
  const sealed = seal(key, 'patient-1', Buffer.from('name'));

  for (let index = 2 + key.id.length; index < sealed.length; index++) {
    const bent = Buffer.from(sealed);
    bent[index] = (bent[index] ?? 0) ^ 1;
    expect(() => unseal(key, 'patient-1', bent)).toThrow();
  }
  expect(() => unseal(key, 'patient-2', sealed)).toThrow();
  expect(() => unseal({ ...key, secret: randomBytes(32) }, 'patient-1', sealed)).toThrow();
});

test('a seal names its key and never repeats itself', () => {
  const first = seal(key, 'c', Buffer.from('x'));

  expect(sealKeyId(first)).toBe('data-1');
  expect(seal(key, 'c', Buffer.from('x'))).not.toEqual(first);
});

test('bytes that are no seal are an error, not a crash', () => {
  expect(sealKeyId(Buffer.alloc(0))).toBe('');
  expect(() => unseal(key, 'c', Buffer.alloc(0))).toThrow();
});

test('with the same nonce a seal is the same, so that a simulation can repeat itself', () => {
  const zeros = (size: number) => Buffer.alloc(size);

  expect(seal(key, 'c', Buffer.from('x'), zeros)).toEqual(seal(key, 'c', Buffer.from('x'), zeros));
});

test('a context names subject, field, owner and key', () => {
  expect(sealContext({ subject: 's-value', field: 'sealed', owner: 'token', keyId: 'k1' })).toBe('s-value|sealed|token|k1');
});
