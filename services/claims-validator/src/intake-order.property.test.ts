import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aParsedClaim } from '../test-support/parsed-claims.ts';
import { driveIntake } from '../test-support/intake.ts';

const submissions = fc.array(
  fc.record({
    claimId: fc.constantFrom('A', 'B', 'C'),
    policyNumber: fc.constantFrom('P1', 'P2', ''),
    totalCents: fc.constantFrom(100, 200),
    frequency: fc.constantFrom('original' as const, 'original' as const, 'replacement' as const),
  }),
  { minLength: 1, maxLength: 12 },
);

const contentOf = ({
  claimId,
  policyNumber,
  totalCents,
  frequency,
}: {
  claimId: string;
  policyNumber: string;
  totalCents: number;
  frequency: string;
}) => [claimId, policyNumber, totalCents, frequency].join(' ');

test('in any order, with any repeats and crashes, each content goes on once and each claim id has one first original', async () => {
  await fc.assert(
    fc.asyncProperty(submissions, fc.integer({ min: 1, max: 60 }), async (list, crashAt) => {
      const claims = list.map((each) => aParsedClaim(each));
      const ward = driveIntake({ partitions: 3, faults: (_operation, number) => (number === crashAt ? 'crash' : null) });
      for (let at = 0; at < claims.length; at += 4) await ward.submit(...claims.slice(at, at + 4));

      const out = ward.submitted();
      // The policy is a token by now; the content hash stands for the whole.
      expect(out).toHaveLength(new Set(list.map(contentOf)).size);
      expect(new Set(out.map(({ contentHash }) => contentHash)).size).toBe(out.length);
      for (const claimId of new Set(list.map((each) => each.claimId))) {
        const originals = out.filter((each) => each.claimId === claimId && each.frequency === 'original');
        const first = list.find((each) => each.claimId === claimId && each.frequency === 'original');
        expect(originals.filter(({ standing }) => standing === 'first').map(({ totalCents }) => totalCents)).toEqual(
          first ? [first.totalCents] : [],
        );
      }
    }),
    { numRuns: 60 },
  );
});
