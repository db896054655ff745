import { expect, test } from '@jest/globals';
import { aClaim, aWorld, theSettings } from '../../test-support/claim-scene.ts';
import { adjudicateClaim } from './adjudicate-claim.ts';

test('a thousand lines are adjudicated like one, within the limits that they share', () => {
  // Visits of 150.00 with a modifier that says so, copay 20.00 each: after 100 of them 2,000.00 are out of pocket.
  const lines = Array.from({ length: 1_000 }, () => ({ modifiers: ['76'], chargeCents: 15_000, procedureCode: '99213' }));
  const distinct = lines.map((line, index) => ({ ...line, chargeCents: line.chargeCents + index }));
  const { outcome, paidCents, patientCents, chargeCents } = adjudicateClaim(
    aClaim({}, distinct),
    aWorld(),
    theSettings({ mostCents: 100_000_000 }),
  );

  expect({ outcome, chargeCents, patientCents, paidCents }).toEqual({
    outcome: 'paid',
    chargeCents: 1_000 * 15_000 + (999 * 1_000) / 2,
    patientCents: 200_000,
    paidCents: 1_000 * 12_000 - 200_000,
  });
});
