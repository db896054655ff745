import { hash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { hashRangeOf } from './table-share.ts';

test.each([1, 2, 3, 7, 256])('each hash lies in one of %d parts, and the parts are of one size', (of) => {
  const ranges = Array.from({ length: of }, (_, part) => hashRangeOf({ part, of }));
  const counts = ranges.map(() => 0);
  const keys = 5_000;
  for (let key = 0; key < keys; key++) {
    const digest = hash('md5', `${key}`);
    const parts = ranges.flatMap(({ from, below }, part) => (digest >= from && digest < below ? [part] : []));
    expect(parts).toHaveLength(1);
    counts[parts[0] as number] = (counts[parts[0] as number] ?? 0) + 1;
  }
  // Six standard deviations of a binomial count.
  const spread = 6 * Math.sqrt(keys / of);
  for (const count of counts) expect(Math.abs(count - keys / of)).toBeLessThanOrEqual(spread);
});

test.each(['0'.repeat(32), 'f'.repeat(32), '7fffffff'.padEnd(32, 'f'), '80000000'.padEnd(32, '0')])('so does %s', (digest) => {
  const ranges = [0, 1].map((part) => hashRangeOf({ part, of: 2 }));
  expect(ranges.filter(({ from, below }) => digest >= from && digest < below)).toHaveLength(1);
});
