import { expect, test } from '@jest/globals';
import { topics, type ClaimAdjudicated, type ClaimSubmitted, type KnownClaim } from '@vigil/contracts';
import { drive, type DriverFault, type TopologyDriver } from '@vigil/testing';
import fc from 'fast-check';
import { aClaim, aLine, aMember, aPlan, aPrice, aProvider, dayOfDate } from '../test-support/adjudicate-records.ts';
import { claimRecord, claimsOf, potsOf } from '../test-support/adjudicate-rig.ts';
import { createAdjudicateTopology } from './adjudicate-topology.ts';
import { defaultAdjudicationSettings } from './domain/adjudication-settings.ts';

const partitions = 2;
const policies = ['t1.a', 't1.b', 't1.c'] as const;
const firstDay = dayOfDate('2024-02-01');

/** What a sender does next about one of its claims, by number. */
interface Step {
  readonly policy: number;
  readonly act: 'original' | 'replacement' | 'void' | 'huge' | 'conflicting' | 'repeat';
  readonly of: number;
  readonly chargeCents: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  policy: fc.nat(policies.length - 1),
  act: fc.constantFrom('original', 'original', 'original', 'replacement', 'replacement', 'void', 'huge', 'conflicting', 'repeat'),
  of: fc.nat(4),
  chargeCents: fc.integer({ min: 1, max: 15_000 }),
});

/** The submissions that steps make; a repeat is an earlier submission of the policy once more. */
function submissionsOf(steps: readonly Step[]): readonly ClaimSubmitted[] {
  const sent: ClaimSubmitted[] = [];
  for (const [index, { policy, act, of, chargeCents }] of steps.entries()) {
    const policyToken = policies[policy] as string;
    const own = sent.filter((claim) => claim.policyToken === policyToken);
    const earlier = own[of % Math.max(1, own.length)];
    if (act === 'repeat') {
      if (earlier) sent.push(earlier);
      continue;
    }
    const isCorrection = act === 'replacement' || act === 'void';
    const serviceFrom = firstDay + (isCorrection ? of : index);
    sent.push(
      aClaim({
        // A correction has the id of what it corrects as often as one of its own.
        claimId: earlier && (act === 'conflicting' || (isCorrection && chargeCents % 2 === 0)) ? earlier.claimId : `C${index}`,
        submissionId: `s-${index}`,
        policyToken,
        memberToken: `${policyToken}.${index % 2}`,
        serviceFrom,
        serviceTo: serviceFrom,
        frequency: isCorrection ? act : 'original',
        originalClaimId: isCorrection ? (earlier?.claimId ?? 'C?') : null,
        standing: act === 'conflicting' ? 'conflicting' : 'first',
        lines: [aLine({ chargeCents: act === 'huge' ? 6_000_000 : chargeCents })],
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
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const driver = await openDriver();
      await submit(driver, submissionsOf(steps));

      expect(potsOf(driver.broker, partitions)).toEqual(potsOfStanding(claimsOf(driver.broker, partitions).values()));
      driver.read(topics.claimAdjudicated).forEach(expectBalanced);
    }),
    { numRuns: 25 },
  );
});

test('what was paid for each claim, all records added up, is what its standing decision pays', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const driver = await openDriver();
      await submit(driver, submissionsOf(steps));

      const paid = driver.read(topics.claimAdjudicated).reduce((sum, { paidCents }) => sum + paidCents, 0);
      const standing = [...claimsOf(driver.broker, partitions).values()].filter(({ status }) => status === 'decided');
      expect(paid).toBe(standing.reduce((sum, { decision }) => sum + decision.paidCents, 0));
    }),
    { numRuns: 20 },
  );
});

test('killed at any operations, however often, a stage ends as one that was never disturbed', async () => {
  const crashes = fc.uniqueArray(fc.integer({ min: 30, max: 160 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), crashes, async (steps, crashAt) => {
      const claims = submissionsOf(steps);
      const steady = await openDriver();
      await submit(steady, claims);
      const shaken = await openDriver((_, number) => (crashAt.includes(number) ? 'crash' : null));
      await submit(shaken, claims);

      expect(seen(shaken)).toEqual(seen(steady));
    }),
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
