import { expect, test } from '@jest/globals';
import type { ClaimSubmitted, PlanChanged } from '@vigil/contracts';
import fc from 'fast-check';
import { arbitraryClaim, arbitraryScene } from '../../test-support/arbitrary-claim.ts';
import { aClaim, aMember, aWorld, MapBook, theSettings, type SceneChanges } from '../../test-support/claim-scene.ts';
import { aPlan } from '../../test-support/scene-reference.ts';
import { day } from '../../test-support/records.ts';
import { adjudicateClaim } from './adjudicate-claim.ts';

const settings = theSettings();
const today = day('2024-12-30');

/** Pots that are empty are as if they had never been. */
const potsOf = (book: MapBook): Record<string, number> =>
  Object.fromEntries([...book.amounts].filter(([, amount]) => amount !== 0).toSorted(([a], [b]) => a.localeCompare(b)));

/** Decides a claim on a book, as a store does: kept when it is decided, dropped when it is pended. */
function decide(claim: ClaimSubmitted, scene: SceneChanges, book: MapBook) {
  const scratch = new MapBook(Object.fromEntries(book.amounts));
  const world = aWorld(scene);
  const member = { ...aMember(scene.member ?? {}), memberToken: claim.memberToken };
  const adjudication = adjudicateClaim(claim, { ...world, member, accumulators: scratch }, settings);
  const added =
    adjudication.outcome === 'pended'
      ? []
      : [...scratch.amounts].map(([key, amount]) => [key, amount - (book.amounts.get(key) ?? 0)] as const);
  for (const [key, amount] of added) book.amounts.set(key, (book.amounts.get(key) ?? 0) + amount);
  return { adjudication, added };
}

const takeBack = (book: MapBook, added: readonly (readonly [string, number])[]): void => {
  for (const [key, amount] of added) book.amounts.set(key, (book.amounts.get(key) ?? 0) - amount);
};

test('a reversal gives back to the cent what the claim added, and the same claim then gives the same result', () => {
  fc.assert(
    fc.property(fc.array(arbitraryClaim, { maxLength: 4 }), arbitraryClaim, arbitraryScene, (before, claim, scene) => {
      const book = new MapBook();
      for (const earlier of before) decide(earlier, scene, book);
      const untouched = potsOf(book);

      const first = decide(claim, scene, book);
      const after = potsOf(book);
      takeBack(book, first.added);
      expect(potsOf(book)).toEqual(untouched);

      const again = decide(claim, scene, book);
      expect(again.adjudication).toEqual(first.adjudication);
      expect(potsOf(book)).toEqual(after);
    }),
    { numRuns: 150 },
  );
});

test('a reversal in the middle leaves what the other claims added as they were decided', () => {
  fc.assert(
    fc.property(fc.array(arbitraryClaim, { minLength: 1, maxLength: 5 }), fc.nat(4), arbitraryScene, (claims, place, scene) => {
      const book = new MapBook();
      const decided = claims.map((claim) => decide(claim, scene, book));
      const reversed = place % claims.length;
      takeBack(book, decided[reversed]?.added ?? []);

      const others = new MapBook();
      for (const [index, { added }] of decided.entries())
        if (index !== reversed)
          takeBack(
            others,
            added.map(([key, amount]) => [key, -amount] as const),
          );
      expect(potsOf(book)).toEqual(potsOf(others));
    }),
    { numRuns: 100 },
  );
});

type Service = readonly [code: string, chargeCents: number, member: string];

const claimsOf = (services: readonly Service[]): ClaimSubmitted[] =>
  services.map(([procedureCode, chargeCents, memberToken], index) =>
    aClaim(
      {
        submissionId: `s-${index}`,
        memberToken,
        serviceFrom: day('2024-01-02') + index,
        serviceTo: null,
        receivedOn: today,
        diagnosisCodes: ['M5450'],
      },
      [{ procedureCode, chargeCents }],
    ),
  );

/** The same claims in two orders. */
function twoOrders(codes: readonly string[], members: readonly string[] = ['t.member']) {
  const service = fc.tuple(fc.constantFrom(...codes), fc.integer({ min: 1, max: 150_000 }), fc.constantFrom(...members));
  return fc.array(service, { maxLength: 14 }).chain((services) => {
    const claims = claimsOf(services);
    return fc.tuple(fc.constant(claims), fc.shuffledSubarray(claims, { minLength: claims.length, maxLength: claims.length }));
  });
}

function potsAfter(claims: readonly ClaimSubmitted[], plan: Partial<PlanChanged>): Record<string, number> {
  const book = new MapBook();
  for (const claim of claims) decide(claim, { plan, today }, book);
  return potsOf(book);
}

const sameInAnyOrder = (
  orders: ReturnType<typeof twoOrders>,
  plan: fc.Arbitrary<Partial<PlanChanged>>,
  of: (pots: Record<string, number>) => unknown = (pots) => pots,
): void =>
  fc.assert(
    fc.property(orders, plan, ([one, other], limits) => {
      expect(of(potsAfter(other, limits))).toEqual(of(potsAfter(one, limits)));
    }),
    { numRuns: 150 },
  );

const limit = fc.integer({ min: 1, max: 300_000 });
const endless = { outOfPocketInCents: null, familyOutOfPocketInCents: null };

test('any order gives the same: copays and coinsurance of benefits before the deductible, against an out-of-pocket maximum', () => {
  sameInAnyOrder(
    twoOrders(['99213', '99214', 'J1885', '85025']),
    limit.map((outOfPocketInCents) => ({ outOfPocketInCents, familyOutOfPocketInCents: null })),
  );
});

test('any order gives the same: an individual deductible without an out-of-pocket maximum', () => {
  sameInAnyOrder(
    twoOrders(['29881', '11042', '85025']),
    limit.map((deductibleInCents) => ({ ...endless, deductibleInCents, familyDeductibleInCents: null })),
    (pots) => pots['t.member|PPO|2024|in|deductible'],
  );
});

test('any order gives the same: visits up to their maximum, money up to its maximum where the plan pays without a deductible', () => {
  // Which visit is refused changes what the patient has shared, so only the maximums are compared.
  sameInAnyOrder(twoOrders(['97110', 'E0143', 'A0429']), fc.constant(endless), (pots) =>
    ['2024|in|visits:97110-97140', '2024|in|money:dme', '0|in|lifetime:ambulance'].map((pot) => pots[`t.member|PPO|${pot}`]),
  );
});

test('any order gives the same: what a family has met of its deductible, whoever of it came first', () => {
  sameInAnyOrder(
    twoOrders(['29881', '11042'], ['t.member', 't.spouse', 't.child']),
    fc
      .tuple(limit, limit)
      .map(([deductibleInCents, familyDeductibleInCents]) => ({ ...endless, deductibleInCents, familyDeductibleInCents })),
    (pots) => pots['t.policy|PPO|2024|in|deductible'],
  );
});

test('order matters: who has met how much of a family’s deductible once the family’s is met', () => {
  const [first, second] = claimsOf([
    ['11042', 50_000, 't.member'],
    ['11042', 50_000, 't.spouse'],
  ]);
  const plan = { ...endless, deductibleInCents: 50_000, familyDeductibleInCents: 60_000 };
  // 400.00 of whoever comes first, then the 200.00 that are left of 600.00.
  expect(potsAfter([first!, second!], plan)).toMatchObject({
    't.member|PPO|2024|in|deductible': 40_000,
    't.spouse|PPO|2024|in|deductible': 20_000,
  });
  expect(potsAfter([second!, first!], plan)).toMatchObject({
    't.member|PPO|2024|in|deductible': 20_000,
    't.spouse|PPO|2024|in|deductible': 40_000,
  });
});

test('order matters: which service the deductible falls on, where their coinsurance differs', () => {
  const benefits = aPlan().benefits.map((benefit) =>
    benefit.service === 'laboratory' ? { ...benefit, deductibleApplies: true } : benefit,
  );
  const [surgery, lab] = claimsOf([
    ['11042', 50_000, 't.member'],
    ['85025', 2_000, 't.member'],
  ]);
  const plan = { ...endless, benefits, deductibleInCents: 1_000, familyDeductibleInCents: null };
  // Surgery first: 10.00 + 20 % of 390.00 = 88.00, the laboratory shares nothing. The laboratory first: 10.00, then 20 % of 400.00.
  expect(potsAfter([surgery!, lab!], plan)['t.member|PPO|2024|in|out-of-pocket']).toBe(8_800);
  expect(potsAfter([lab!, surgery!], plan)['t.member|PPO|2024|in|out-of-pocket']).toBe(9_000);
});

test('order matters: the deductible, where a copay before it reaches the out-of-pocket maximum', () => {
  const [surgery, visit] = claimsOf([
    ['11042', 50_000, 't.member'],
    ['99213', 15_000, 't.member'],
  ]);
  const plan = { deductibleInCents: 50_000, outOfPocketInCents: 10_000, familyDeductibleInCents: null, familyOutOfPocketInCents: null };
  // At most 100.00. Surgery first takes all of it as deductible; after the copay of 20.00 only 80.00 are left for it.
  expect(potsAfter([surgery!, visit!], plan)).toMatchObject({
    't.member|PPO|2024|in|deductible': 10_000,
    't.member|PPO|2024|in|out-of-pocket': 10_000,
  });
  expect(potsAfter([visit!, surgery!], plan)).toMatchObject({
    't.member|PPO|2024|in|deductible': 8_000,
    't.member|PPO|2024|in|out-of-pocket': 10_000,
  });
});

test('order matters: what was shared, where the visit that is one too many had another copay', () => {
  const visits = claimsOf([
    ['97110', 1_000, 't.member'],
    ['97110', 6_000, 't.member'],
    ['97110', 6_000, 't.member'],
  ]);
  // Two visits a year, copay 30.00, of a charge of 10.00 no more than 10.00.
  expect(potsAfter(visits, endless)['t.member|PPO|2024|in|out-of-pocket']).toBe(4_000);
  expect(potsAfter(visits.toReversed(), endless)['t.member|PPO|2024|in|out-of-pocket']).toBe(6_000);
});
