import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SeenClaim } from '@vigil/contracts';
import { mostOtherContents, recogniseClaim, rememberContent, type ClaimContent, type Recognition } from './recognise-claim.ts';

function play(contents: readonly ClaimContent[]): { readonly recognitions: Recognition[]; readonly seen: SeenClaim | undefined } {
  let seen: SeenClaim | undefined;
  const recognitions = contents.map((content) => {
    const recognition = recogniseClaim(seen, content);
    if (recognition !== 'repeat') seen = rememberContent(seen, content);
    return recognition;
  });
  return { recognitions, seen };
}

const contents = fc
  .array(
    fc.record({
      contentHash: fc.constantFrom('a', 'b', 'c', 'd'),
      frequency: fc.constantFrom('original' as const, 'replacement' as const, 'void' as const),
    }),
  )
  .map((list) =>
    list.map(({ contentHash, frequency }) => ({
      contentHash: `${frequency} ${contentHash}`,
      bytesHash: `bytes of ${frequency} ${contentHash}`,
      frequency,
    })),
  );

test('every content is taken once, whatever the order and however often it comes', () => {
  fc.assert(
    fc.property(contents, (list) => {
      const { recognitions } = play(list);
      const taken = list.filter((_, at) => recognitions[at] !== 'repeat').map(({ contentHash }) => contentHash);
      expect([...taken].sort()).toEqual([...new Set(list.map(({ contentHash }) => contentHash))].sort());
    }),
  );
});

test('of the originals exactly the first stands, every other one conflicts, and replacements and voids never do', () => {
  fc.assert(
    fc.property(contents, (list) => {
      const { recognitions, seen } = play(list);
      const first = list.find(({ frequency }) => frequency === 'original');
      expect(seen?.original ?? null).toBe(first?.contentHash ?? null);
      list.forEach(({ contentHash, frequency }, at) => {
        if (recognitions[at] === 'repeat') return;
        const conflicts = frequency === 'original' && contentHash !== first?.contentHash;
        expect(recognitions[at]).toBe(conflicts ? 'conflicting' : 'first');
      });
    }),
  );
});

test('what is kept of one claim id is bounded, and the first original is never what is forgotten', () => {
  const originals = Array.from({ length: mostOtherContents + 10 }, (_, at): ClaimContent => ({
    contentHash: `c${at}`,
    bytesHash: `b${at}`,
    frequency: 'original',
  }));
  const { seen } = play(originals);

  expect(seen?.original).toBe('c0');
  expect(seen?.others).toHaveLength(64);
  expect(seen?.bytes).toHaveLength(64);
  expect(seen?.others.at(-1)).toBe('c73');
  expect(recogniseClaim(seen, { contentHash: 'c0', bytesHash: '', frequency: 'original' })).toBe('repeat');
  expect(recogniseClaim(seen, { contentHash: 'c1', bytesHash: '', frequency: 'original' })).toBe('conflicting');
});

test('the same bytes are a repeat, also where a newer reader understands them otherwise', () => {
  const before: ClaimContent = { contentHash: 'as it was read', bytesHash: 'b', frequency: 'original' };
  const { seen } = play([before]);

  expect(recogniseClaim(seen, { ...before, contentHash: 'as it is read now' })).toBe('repeat');
  expect(recogniseClaim(seen, { ...before, contentHash: 'other', bytesHash: 'other' })).toBe('conflicting');
});
