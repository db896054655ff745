import { expect, test } from '@jest/globals';
import { aClaim, aWorld, theSettings } from '../../test-support/claim-scene.ts';
import { aPlan, day } from '../../test-support/scene-reference.ts';
import { adjudicateClaim } from './adjudicate-claim.ts';

const period = (planId: string, from: string, to: string | null) => ({
  planId,
  from: day(from),
  to: to === null ? null : day(to),
  groupNumber: '',
});
const coverage = [period('B', '2024-02-01', '2024-02-29'), period('A', '2024-01-01', '2024-01-20'), period('C', '2024-06-01', null)];
const plans = ['A', 'B', 'C'].map((planId) => aPlan({ planId, effectiveFrom: day('2000-01-01') }));

/** The plan under which a claim for a service on that day is decided. */
function planOn(date: string): string {
  const claim = aClaim({ serviceFrom: day(date), serviceTo: null, receivedOn: day('2024-12-01') });
  return adjudicateClaim(claim, aWorld({ today: day('2024-12-01'), member: { coverage }, reference: { plans } }), theSettings()).planId;
}

test('the plan in force answers for a claim; out of coverage the last one before it, before all of them the first', () => {
  expect(['2024-01-01', '2024-01-20', '2024-02-01', '2024-06-01'].map(planOn)).toEqual(['A', 'A', 'B', 'C']);
  expect(['2024-01-25', '2024-03-01', '2024-05-31', '2023-12-31'].map(planOn)).toEqual(['A', 'B', 'B', 'A']);
});

test('of two periods that both hold the first of the list answers', () => {
  const both = [period('C', '2024-01-01', null), period('A', '2024-02-01', null)];
  const claim = aClaim();
  expect(adjudicateClaim(claim, aWorld({ member: { coverage: both }, reference: { plans } }), theSettings()).planId).toBe('C');
});
