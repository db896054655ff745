import { expect, test } from '@jest/globals';
import { compileReader, createWireEncoder, schemas, wireHeaderBytes, type AvroWriter, type SeenClaim } from '@vigil/contracts';
import fc from 'fast-check';
import { seenClaimsStore } from './intake-stores.ts';
import { hashKeys, seenClaimPacking } from './pack-seen-claim.ts';

const hash = fc.stringMatching(/^[\da-f]{32}$/);
/** What a hash may be mistaken for: too long, too short, in capital letters, of other letters. */
const text = fc.oneof({ weight: 9, arbitrary: hash }, fc.stringMatching(/^[\da-fA-F]{30,34}$/), fc.string());
const seenClaim: fc.Arbitrary<SeenClaim> = fc.record({
  original: fc.option(text),
  others: fc.array(text, { maxLength: 5 }),
  bytes: fc.array(text, { maxLength: 5 }),
});
const read = compileReader<SeenClaim>(schemas.seenClaim);
const encode = createWireEncoder();

test('what was seen under a claim id comes back as it was, from memory and from the changelog', () => {
  fc.assert(
    fc.property(text, seenClaim, (key, seen) => {
      const store = seenClaimsStore.open();
      store.view.put(key, seen);
      const [change] = store.changes();
      store.merge();

      expect([store.view.get(key), [...store.view.keys()], change?.key]).toEqual([seen, [key], key]);
      const row = encode(1, seenClaimsStore.write as AvroWriter<object>, change?.value as object);
      expect(read(row, wireHeaderBytes)).toEqual(seen);
      store.restore(key, null);
      expect(store.view.get(key)).toBeUndefined();
    }),
  );
});

test('a hash takes a byte for two digits', () => {
  const hashOf = (digit: string) => digit.repeat(32);
  expect(hashKeys.pack(hashOf('a'))).toBe('\u00aa'.repeat(16));
  expect(seenClaimPacking.values.pack({ original: hashOf('1'), others: [], bytes: [hashOf('2')] })).toHaveLength(2 + 2 * 16);
  expect(seenClaimPacking.values.pack({ original: null, others: [hashOf('1'), hashOf('2')], bytes: [] })).toHaveLength(2 + 2 * 16);
});

test('more contents than a byte counts are kept, too', () => {
  const seen = { original: null, others: Array.from({ length: 300 }, () => 'a'.repeat(32)), bytes: [] };
  expect(seenClaimPacking.values.unpack(seenClaimPacking.values.pack(seen))).toEqual(seen);
});
