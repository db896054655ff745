import { expect, test } from '@jest/globals';
import { aClaim, aWorld, theSettings } from '../../test-support/claim-scene.ts';
import { aPlan } from '../../test-support/scene-reference.ts';
import { day } from '../../test-support/records.ts';
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

test('a line counts in the plan year of its own day, also where its version of the plan begins the year in another month', () => {
  const versions = [
    aPlan({ effectiveTo: day('2024-06-30') }),
    // From July on plan years begin in July: 1 July 2024 is the first day of the one of 2024, 30 June 2025 the last.
    aPlan({ version: 2, effectiveFrom: day('2024-07-01'), planYearStartMonth: 7 }),
  ];
  const over = { coverage: [period('PPO', '2024-01-01', null)] };
  const world = aWorld({ today: day('2025-02-01'), member: over, reference: { plans: versions } });
  const claim = aClaim({ serviceFrom: day('2024-06-20'), serviceTo: null, receivedOn: day('2025-02-01') }, [
    {},
    { procedureCode: '99214', chargeCents: 20_000, serviceFrom: day('2025-01-20') },
  ]);

  adjudicateClaim(claim, world, theSettings());
  // Copay 20.00 each: the second visit's in the plan year that began in July 2024, as of a claim for it alone.
  expect([...world.accumulators.amounts].filter(([key]) => key.startsWith('t.member'))).toEqual([
    ['t.member|PPO|2024|in|out-of-pocket', 4_000],
  ]);
});
