import { expect, test } from '@jest/globals';
import { fuzzClaims } from './fuzz-claims.ts';

test('mutated claims and interchanges: everything stays alive, is accounted for and balances', async () => {
  const { problems, outcomes, intake, rejectedClaims } = await fuzzClaims(1, 1_500);

  expect(problems).toEqual([]);
  // The corpus reaches every end that a claim can come to.
  expect(Object.keys(outcomes).sort()).toEqual(expect.arrayContaining(['denied', 'paid', 'pended']));
  expect([intake.rejected > 0, rejectedClaims > 0]).toEqual([true, true]);
}, 120_000);
