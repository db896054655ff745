import { describe, expect, test } from '@jest/globals';
import { goldenBenefits } from '../../../test-support/golden/golden-benefits.ts';
import { adjudicateGolden, rulesOf, writeAdjudication, type GoldenClaim } from '../../../test-support/golden/golden-claim.ts';
import { goldenCodes } from '../../../test-support/golden/golden-codes.ts';
import { goldenCoding } from '../../../test-support/golden/golden-coding.ts';
import { goldenCoordination } from '../../../test-support/golden/golden-coordination.ts';
import { goldenCost } from '../../../test-support/golden/golden-cost.ts';
import { goldenEnrich } from '../../../test-support/golden/golden-enrich.ts';
import { goldenHistory } from '../../../test-support/golden/golden-history.ts';
import { goldenProviders } from '../../../test-support/golden/golden-providers.ts';
import { goldenReview } from '../../../test-support/golden/golden-review.ts';
import { goldenValidate } from '../../../test-support/golden/golden-validate.ts';
import { claimRules } from '../rules/claim-rules.ts';

const golden: readonly GoldenClaim[] = [
  ...goldenValidate,
  ...goldenEnrich,
  ...goldenHistory,
  ...goldenCodes,
  ...goldenProviders,
  ...goldenCoding,
  ...goldenBenefits,
  ...goldenCost,
  ...goldenCoordination,
  ...goldenReview,
];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

for (const [rule, claims] of Map.groupBy(golden, (claim) => claim.rule)) {
  describe(rule, () => {
    test.each(claims.map((claim) => [claim.holds ? 'decides' : 'does not decide', claim.name, claim] as const))(
      '%s: %s',
      (_holds, _name, claim) => {
        const { adjudication, world } = adjudicateGolden(claim);

        expect(writeAdjudication(adjudication)).toBe(claim.expected);
        expect(rulesOf(adjudication).has(rule)).toBe(claim.holds);
        const told = adjudication.claimReasons.map(({ rule }) => rule);
        expect(new Set(told).size).toBe(told.length);
        if (claim.amounts) expect(Object.fromEntries(world.accumulators.amounts)).toEqual(claim.amounts);
        for (const line of adjudication.lines) {
          expect(line.chargeCents).toBe(line.paidCents + sum(line.adjustments.map(({ cents }) => cents)));
          expect(line.patientCents).toBe(sum(line.adjustments.filter(({ group }) => group === 'PR').map(({ cents }) => cents)));
        }
      },
    );
  });
}

/** Decided by what is known of other submissions, before a rule is asked. */
const elsewhere = new Set(['CONFLICTING_CLAIM', 'ORIGINAL_UNKNOWN', 'ORIGINAL_REVERSED', 'ORIGINAL_MISMATCH']);

test.each(claimRules.map(({ code }) => code).filter((code) => !elsewhere.has(code)))(
  'the golden set has %s on both sides of its boundary',
  (code) => {
    const sides = golden.filter(({ rule }) => rule === code).map(({ holds }) => holds);
    expect(sides).toContain(true);
    expect(sides).toContain(false);
  },
);

test('no rule stands twice in the list, and the steps come in order', () => {
  const codes = claimRules.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  const judged = claimRules.filter(({ of }) => of === 'claim' || of === 'line').map(({ step }) => step);
  expect(judged).toEqual(judged.toSorted((a, b) => a - b));
});
