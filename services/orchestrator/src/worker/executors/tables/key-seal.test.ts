import { expect, test } from '@jest/globals';
import { createKeySeal } from './key-seal.ts';

const key = { id: 'k1', secret: Buffer.alloc(32, 7) };
const troubles: unknown[] = [];
const sealOf = (over: object = {}, table = 'a.b') => createKeySeal({ ...key, ...over }, table, (error) => void troubles.push(error));

test('what was sealed opens again, by this key and for this table only', () => {
  const sealed = sealOf().seal('["T1","PAT_1"]');
  expect(sealed).toMatch(/^[\w-]+$/);
  expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('PAT_1');
  expect(sealOf().open(sealed)).toBe('["T1","PAT_1"]');
  expect(sealOf({ id: 'k2' }).open(sealed)).toBeNull();
  expect(troubles).toEqual([]);
  const other = sealOf({}, 'a.c');
  expect([other.open(sealed), other.open(sealed)]).toEqual([null, null]);
  expect(sealOf({ secret: Buffer.alloc(32, 8) }).open(sealed)).toBeNull();
  expect(troubles).toHaveLength(2);
});
