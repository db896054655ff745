import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { KeptRows, type LyingRow } from './kept-rows.ts';

const rowOf = (token: string, value: string): LyingRow => {
  const bytes = Buffer.from(`..${token}-${value}..`, 'latin1');
  const tokenTo = 2 + token.length;
  return { bytes, tokenFrom: 2, tokenTo, from: tokenTo + 1, to: bytes.length - 2 };
};

const textsOf = ({ bytes, tokenFrom, tokenTo, from, to }: LyingRow): string[] => [
  bytes.toString('latin1', tokenFrom, tokenTo),
  bytes.toString('latin1', from, to),
];

test('keeps what was added and replaced last, whatever was removed between', () => {
  const step = fc.tuple(fc.constantFrom('add', 'replace', 'remove'), fc.nat(), fc.integer({ min: 0, max: 120_000 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const rows = new KeptRows();
      const kept = new Map<number, string[]>();
      for (const [index, [action, which, length]] of steps.entries()) {
        const texts = [`t${index}`, 'x'.repeat(length)];
        const number = [...kept.keys()][which % Math.max(1, kept.size)];
        if (action === 'add') kept.set(rows.add(rowOf(...(texts as [string, string])), index), texts);
        else if (number === undefined) continue;
        else if (action === 'replace') {
          rows.replace(number, rowOf(...(texts as [string, string])));
          kept.set(number, texts);
        } else {
          rows.remove(number);
          kept.delete(number);
          expect(rows.part(number)).toBeNaN();
        }
      }
      for (const [number, texts] of kept) expect(textsOf(rows.lying(number))).toEqual(texts);
    }),
    { numRuns: 200 },
  );
});

test('grows beyond its first thousand, and a row may be larger than a piece of memory', () => {
  const rows = new KeptRows();
  for (let index = 0; index < 3_000; index++) expect(rows.add(rowOf(`t${index}`, `v${index}`), index)).toBe(index);
  const large = rows.add(rowOf('t', 'y'.repeat(3_000_000)), 7);

  for (let index = 0; index < 3_000; index++) expect(textsOf(rows.lying(index))).toEqual([`t${index}`, `v${index}`]);
  expect([rows.part(2_999), rows.lying(large).to - rows.lying(large).from]).toEqual([2_999, 3_000_000]);
});
