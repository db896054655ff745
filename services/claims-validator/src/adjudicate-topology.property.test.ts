import { expect, test } from '@jest/globals';
import { topics, type ClaimAdjudicated, type ClaimSubmitted, type KnownClaim } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import { drive, type DriverFault, type TopologyDriver } from '@vigil/testing';
import fc from 'fast-check';
import { aClaim, aLine, aMember, aPlan, aPrice, aProvider, aReview } from '../test-support/adjudicate-records.ts';
import { day } from '../test-support/records.ts';
import { claimRecord, claimsOf, potsOf } from '../test-support/adjudicate-rig.ts';
import { createAdjudicateTopology } from './adjudicate-topology.ts';
import { defaultAdjudicationSettings } from './domain/adjudication-settings.ts';

const partitions = 2;
const policies = ['t1.a', 't1.b', 't1.c'] as const;
const firstDay = day('2024-02-01');

/** What a sender does next about one of its claims, by number. */
interface Step {
  readonly policy: number;
  readonly act: 'original' | 'replacement' | 'void' | 'huge' | 'huge replacement' | 'bad replacement' | 'conflicting' | 'early' | 'repeat';
  readonly of: number;
  readonly chargeCents: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  policy: fc.nat(policies.length - 1),
  act: fc.constantFrom(
    ...(['original', 'original', 'original', 'replacement', 'replacement', 'replacement', 'void', 'void'] as const),
    ...(['huge', 'huge replacement', 'bad replacement', 'conflicting', 'conflicting', 'early', 'repeat'] as const),
  ),
  of: fc.nat(4),
  chargeCents: fc.integer({ min: 1, max: 15_000 }),
});

const firstDecisionOf = ({ submissionId }: ClaimSubmitted): string => hashId(submissionId, 'decision', 1);

/** The submissions that steps make; a repeat is an earlier submission of the policy once more. */
function submissionsOf(steps: readonly Step[]): readonly ClaimSubmitted[] {
  const sent: ClaimSubmitted[] = [];
  for (const [index, { policy, act, of, chargeCents }] of steps.entries()) {
    const policyToken = policies[policy] as string;
    const own = sent.filter((claim) => claim.policyToken === policyToken);
    // An original with the id of a correction is a claim of its own, beside which that one stands.
    const spokenOf = act === 'conflicting' ? own.filter(({ frequency }) => frequency === 'original') : own;
    const earlier = spokenOf[of % Math.max(1, spokenOf.length)];
    if (act === 'repeat') {
      if (earlier) sent.push(earlier);
      continue;
    }
    const isCorrection = act.endsWith('replacement') || act === 'void' || act === 'early';
    // A correction has the id of what it corrects as often as one of its own.
    const told = act === 'early' ? `C${index + 1}` : (earlier?.claimId ?? 'C?');
    const hasIdOfOther = act === 'conflicting' ? earlier !== undefined : isCorrection && chargeCents % 2 === 0;
    // Mostly on a day of its own, where no duplicate hides that two are paid.
    const serviceFrom = firstDay + (isCorrection && chargeCents % 5 === 0 ? of : index);
    const lines = [aLine({ chargeCents: act.startsWith('huge') ? 6_000_000 : chargeCents })];
    // Senders name the claim or the first decision about it, and some are early: what they name comes later.
    const named = act !== 'early' && chargeCents % 3 === 0 && earlier ? firstDecisionOf(earlier) : told;
    sent.push(
      aClaim({
        claimId: act !== 'original' && hasIdOfOther ? told : `C${index}`,
        submissionId: `s-${index}`,
        policyToken,
        memberToken: isCorrection && earlier && chargeCents % 7 > 0 ? earlier.memberToken : `${policyToken}.${index % 2}`,
        serviceFrom,
        serviceTo: serviceFrom,
        frequency: act === 'void' ? act : isCorrection ? 'replacement' : 'original',
        originalClaimId: isCorrection ? named : null,
        standing: act === 'conflicting' ? 'conflicting' : 'first',
        lines,
        totalCents: (lines[0]?.chargeCents ?? 0) + (act === 'bad replacement' ? 1 : 0),
      }),
    );
  }
  return sent;
}

async function openDriver(faults?: (operation: string, number: number) => DriverFault | null): Promise<TopologyDriver> {
  const driver = drive(createAdjudicateTopology(defaultAdjudicationSettings), {
    partitions,
    settings: { commitRecords: 3, retryBaseMs: 0, retryCapMs: 0 },
    ...(faults && { faults }),
  });
  await driver.pipe(topics.planChanged, { key: 'P', value: aPlan(), partition: 0 });
  await driver.pipe(topics.feeScheduleChanged, { key: 'S', value: aPrice(), partition: 0 });
  await driver.pipe(topics.providerChanged, { key: 'PROV', value: aProvider(), partition: 0 });
  for (const policyToken of policies)
    await driver.pipe(
      topics.memberChanged,
      ...[0, 1].map((number) => ({ key: policyToken, value: aMember({ policyToken, memberToken: `${policyToken}.${number}` }) })),
    );
  return driver;
}

const submit = (driver: TopologyDriver, claims: readonly ClaimSubmitted[]): Promise<void> =>
  driver.pipe(topics.claimSubmitted, ...claims.map(claimRecord));

/** Without claims that have the id of another or come before what they name, and without waiting replacements. */
const plainStep = step.filter(({ act }) => act !== 'conflicting' && act !== 'early' && act !== 'huge replacement');

/** What a person does about the review that is open for a submission. */
interface Verdict {
  readonly of: number;
  readonly how: 'release' | 'release alone' | 'deny';
}
const verdict: fc.Arbitrary<Verdict> = fc.record({
  of: fc.nat(30),
  how: fc.constantFrom('release', 'release', 'release', 'release alone', 'deny'),
});

/** The open reviews, by submission so that no order of policies changes which one is meant. */
function openReviews(driver: TopologyDriver) {
  const latest = new Map(driver.read(topics.reviewRequested).map((review) => [review.reviewId, review]));
  const decided = new Set(driver.read(topics.reviewDecided).map(({ reviewId }) => reviewId));
  return [...latest.values()]
    .filter(({ reviewId, withdrawnBy }) => withdrawnBy === null && !decided.has(reviewId))
    .toSorted((a, b) => (a.reviewId < b.reviewId ? -1 : 1));
}

/** Each verdict is about one of the reviews that are open then. */
async function judge(driver: TopologyDriver, verdicts: readonly Verdict[]): Promise<void> {
  for (const { of, how } of verdicts) {
    const open = openReviews(driver);
    const review = open[of % Math.max(1, open.length)];
    if (!review) return;
    const { reviewId, submissionId, policyToken } = review;
    const over = how === 'deny' ? { decision: 'deny', group: 'CO', carc: '50' } : {};
    const secondPerson = how === 'release alone' ? null : 'another';
    await driver.pipe(topics.reviewDecided, {
      key: policyToken,
      value: aReview({ reviewId, submissionId, policyToken, secondPerson, ...over }),
    });
  }
}

/** Half of the claims, then people, then the other half, and people again. */
async function live(driver: TopologyDriver, claims: readonly ClaimSubmitted[], verdicts: readonly Verdict[]): Promise<void> {
  const half = Math.floor(claims.length / 2);
  const some = Math.floor(verdicts.length / 2);
  await submit(driver, claims.slice(0, half));
  await judge(driver, verdicts.slice(0, some));
  await submit(driver, claims.slice(half));
  await judge(driver, verdicts.slice(some));
}

/** Claims that correct one another, or have one id, by policy: whoever speaks of one of them speaks of all. */
function lineagesOf(claims: readonly ClaimSubmitted[], told: ReadonlySet<string>): ReadonlyMap<string, string> {
  const parents = new Map<string, string>();
  const rootOf = (name: string): string => {
    const parent = parents.get(name) ?? name;
    return parent === name ? name : rootOf(parent);
  };
  const nameOf = ({ policyToken }: ClaimSubmitted, id: string): string => `${policyToken}|${id}`;
  // Of a decision that only made a claim wait nobody was told. Who names it names nothing, and with a third claim's id stands beside it.
  const untold = new Set(claims.map(firstDecisionOf).filter((decision) => !told.has(decision)));
  const ownNameOf = (claim: ClaimSubmitted): string =>
    nameOf(claim, untold.has(claim.originalClaimId ?? '') ? claim.submissionId : claim.claimId);
  for (const claim of claims) {
    const own = rootOf(ownNameOf(claim));
    const decision = firstDecisionOf(claim);
    for (const also of [told.has(decision) ? decision : null, claim.originalClaimId])
      if (also !== null) parents.set(rootOf(nameOf(claim, also)), own);
  }
  return new Map(claims.map((claim) => [claim.submissionId, rootOf(ownNameOf(claim))]));
}

/** Everything that readers and the next decision can see. */
const seen = (driver: TopologyDriver) => ({
  pots: potsOf(driver.broker, partitions),
  claims: Object.fromEntries([...claimsOf(driver.broker, partitions)].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  decisions: driver.read(topics.claimAdjudicated).toSorted((a, b) => (a.decisionId < b.decisionId ? -1 : 1)),
});

/** Pots as the sum of what the decisions that stand have added. */
function potsOfStanding(claims: Iterable<KnownClaim>): Record<string, number> {
  const sums = new Map<string, number>();
  for (const { status, contributions } of claims)
    for (const { owner, planId, network, pot, planYear, amount } of status === 'decided' ? contributions : [])
      sums.set(
        `${owner} ${planId} ${network} ${pot} ${planYear}`,
        (sums.get(`${owner} ${planId} ${network} ${pot} ${planYear}`) ?? 0) + amount,
      );
  return Object.fromEntries([...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Submissions of which a person was asked whether they are another claim than the one whose id they have: who releases one says so. */
const askedWhetherAnother = (driver: TopologyDriver): ReadonlySet<string> =>
  new Set(
    driver
      .read(topics.reviewRequested)
      .filter(({ reasons }) => reasons.some(({ code }) => code === 'CONFLICTING_CLAIM'))
      .map(({ submissionId }) => submissionId),
  );

function expectBalanced({ chargeCents, paidCents, patientCents, lines }: ClaimAdjudicated): void {
  for (const line of lines) expect(line.paidCents + line.adjustments.reduce((sum, { cents }) => sum + cents, 0)).toBe(line.chargeCents);
  const sum = (pick: (line: ClaimAdjudicated['lines'][number]) => number) => lines.reduce((total, line) => total + pick(line), 0);
  expect([sum((line) => line.chargeCents), sum((line) => line.paidCents), sum((line) => line.patientCents)]).toEqual([
    chargeCents,
    paidCents,
    patientCents,
  ]);
}

test('pots are always what the standing decisions added, and every record balances', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.array(verdict, { maxLength: 20 }), async (steps, verdicts) => {
      const driver = await openDriver();
      await live(driver, submissionsOf(steps), verdicts);

      expect(potsOf(driver.broker, partitions)).toEqual(potsOfStanding(claimsOf(driver.broker, partitions).values()));
      driver.read(topics.claimAdjudicated).forEach(expectBalanced);
    }),
    { numRuns: 25 },
  );
});

test('what was paid, all records added up, is what the standing decisions pay; of claims that correct one another one at most is paid, and whatever a person said is another', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.array(step, { maxLength: 25, size: 'max' }), fc.array(plainStep, { maxLength: 25, size: 'max' })),
      fc.array(verdict, { maxLength: 20, size: 'max' }),
      async (steps, verdicts) => {
        const driver = await openDriver();
        const claims = submissionsOf(steps);
        await live(driver, claims, verdicts);

        const paid = driver.read(topics.claimAdjudicated).reduce((sum, { paidCents }) => sum + paidCents, 0);
        const standing = [...claimsOf(driver.broker, partitions).values()].filter(({ status }) => status === 'decided');
        expect(paid).toBe(standing.reduce((sum, { decision }) => sum + decision.paidCents, 0));
        const told = driver.read(topics.claimAdjudicated).filter(({ outcome }) => outcome !== 'pended');
        const lineages = lineagesOf(claims, new Set(told.map(({ decisionId }) => decisionId)));
        const paying = standing.filter(({ decision }) => decision.outcome === 'paid').map(({ decision }) => decision.submissionId);
        const unasked = paying.filter((submissionId) => !askedWhetherAnother(driver).has(submissionId)).map((id) => lineages.get(id));
        expect(unasked).toEqual([...new Set(unasked)]);
      },
    ),
    { numRuns: 60 },
  );
});

test('killed at any operations, however often, a stage ends as one that was never disturbed', async () => {
  const crashes = fc.uniqueArray(fc.integer({ min: 30, max: 160 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 25 }),
      fc.array(verdict, { maxLength: 10 }),
      crashes,
      async (steps, verdicts, crashAt) => {
        const claims = submissionsOf(steps);
        const steady = await openDriver();
        await live(steady, claims, verdicts);
        const shaken = await openDriver((_, number) => (crashAt.includes(number) ? 'crash' : null));
        await live(shaken, claims, verdicts);

        expect(seen(shaken)).toEqual(seen(steady));
      },
    ),
    { numRuns: 30 },
  );
});

test('neither how policies are mixed nor what comes twice changes anything', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.array(fc.nat(2), { maxLength: 60 }), fc.nat(24), async (steps, order, again) => {
      const claims = submissionsOf(steps);
      const waiting = policies.map((policy) => claims.filter(({ policyToken }) => policyToken === policy));
      const mixed: ClaimSubmitted[] = [];
      for (const policy of order) mixed.push(...(waiting[policy]?.splice(0, 1) ?? []));
      mixed.push(...waiting.flat());
      const [steady, other] = [await openDriver(), await openDriver()];
      await submit(steady, claims);
      for (const claim of mixed) await submit(other, [claim]);
      await submit(other, mixed.slice(0, again));

      expect(seen(other)).toEqual(seen(steady));
    }),
    { numRuns: 25 },
  );
});
