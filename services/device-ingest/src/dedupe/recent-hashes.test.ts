import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { RecentHashes } from './recent-hashes.ts';

/** All in one segment and most on one slot, so that chains grow long. */
const hashOf = (id: number): number[] => [id % 5, id, 0, 0];

test('it is a map from hash to second, whatever is put in and taken out', () => {
  const step = fc.record({ do: fc.constantFrom('set', 'delete'), id: fc.nat({ max: 60 }), second: fc.integer({ min: 1, max: 9 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const hashes = new RecentHashes();
      const model = new Map<number, number>();
      for (const { do: what, id, second } of steps) {
        if (what === 'set') {
          hashes.set(hashOf(id), second, 0);
          model.set(id, second);
        } else {
          hashes.delete(hashOf(id));
          model.delete(id);
        }
      }
      expect(hashes.size).toBe(model.size);
      for (let id = 0; id <= 60; id++) expect(hashes.secondOf(hashOf(id))).toBe(model.get(id) ?? 0);
    }),
  );
});

test('a full table drops what is older than asked for', () => {
  const hashes = new RecentHashes();
  for (let id = 0; id < 1000; id++) hashes.set(hashOf(id), id + 1, id - 49);

  expect(hashes.size).toBeLessThan(150);
  for (let id = 950; id < 1000; id++) expect(hashes.secondOf(hashOf(id))).toBe(id + 1);
});
