import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assignPartitionNumbers } from './assign-partitions.ts';
import { murmur2, partitionOf } from './partition-of.ts';

const members = fc.uniqueArray(
  fc.record({ id: fc.string({ minLength: 1, maxLength: 4 }), owned: fc.uniqueArray(fc.nat(40), { maxLength: 8 }) }),
  {
    selector: ({ id }) => id,
    minLength: 1,
    maxLength: 7,
  },
);

test('every number is held by exactly one member, shares differ by one at most, whoever asks', () => {
  fc.assert(
    fc.property(members, fc.integer({ min: 0, max: 36 }), (group, partitions) => {
      const shares = assignPartitionNumbers(group, partitions);
      const all = [...shares.values()].flat().toSorted((a, b) => a - b);
      expect(all).toEqual(Array.from({ length: partitions }, (_, number) => number));
      const sizes = [...shares.values()].map((numbers) => numbers.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      expect(assignPartitionNumbers(group.toReversed(), partitions)).toEqual(shares);
    }),
  );
});

test('a member that joins takes only what it must', () => {
  const before = assignPartitionNumbers(
    [
      { id: 'a', owned: [] },
      { id: 'b', owned: [] },
    ],
    12,
  );
  const after = assignPartitionNumbers([...['a', 'b'].map((id) => ({ id, owned: before.get(id) ?? [] })), { id: '0', owned: [] }], 12);
  for (const id of ['a', 'b']) expect(before.get(id)).toEqual(expect.arrayContaining([...(after.get(id) ?? [])]));
  expect(after.get('0')).toHaveLength(4);
  expect(assignPartitionNumbers([], 4).size).toBe(0);
});

// From Apache Kafka, clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java, testMurmur2.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2 of %s is Java’s', (text, hash) => {
  expect(murmur2(Buffer.from(text)) | 0).toBe(hash);
  expect(partitionOf(Buffer.from(text), 12)).toBe((hash & 0x7fffffff) % 12);
});
