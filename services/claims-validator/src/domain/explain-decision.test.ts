import { expect, test } from '@jest/globals';
import type { ClaimAdjudicated } from '@vigil/contracts';
import { aClaim, aWorld, theSettings, type SceneChanges } from '../../test-support/claim-scene.ts';
import { adjudicateClaim } from './adjudicate-claim.ts';
import { explainDecision, writeMoney } from './explain-decision.ts';
import { reverseDecision } from './reverse-decision.ts';

/** What a stage makes of an adjudication. */
function decisionOf(claim: ReturnType<typeof aClaim>, scene: SceneChanges = {}): ClaimAdjudicated {
  const { endedIn: _, ...decided } = adjudicateClaim(claim, aWorld(scene), theSettings());
  const {
    submissionId,
    patientToken,
    policyToken,
    memberToken,
    claimId,
    scope,
    frequency,
    claimType,
    format,
    providerId,
    providerIdType,
    coverageType,
    serviceFrom,
    serviceTo,
    receivedOn,
    receivedAt,
  } = claim;
  const ids = {
    submissionId,
    patientToken,
    policyToken,
    memberToken,
    claimId,
    submittedClaimId: claimId,
    scope,
    frequency,
    claimType,
    format,
    providerId,
    providerIdType,
    coverageType,
    serviceFrom,
    serviceTo,
    receivedOn,
    receivedAt,
  };
  return { decisionId: 'd-1', ...ids, kind: 'decision', number: 1, reverses: null, decidedAt: 1, reviewId: null, ...decided };
}

test('a paid claim: rule, row, version and amounts of each line', () => {
  const visitAndScope = aClaim({}, [{}, { procedureCode: '29881', chargeCents: 120_000, modifiers: ['LT'] }, { procedureCode: '99080' }]);
  expect(explainDecision(decisionOf(visitAndScope))).toEqual([
    'paid: charged 1,500.00, paid 500.00, patient 770.00 (plan PPO, in network)',
    'line 1 99213: charged 150.00, allowed 120.00, paid 100.00; CO-45 30.00, PR-3 20.00',
    '  FEE_SCHEDULE: What the charge is above units × price (1 × 12000 cents: 12000 allowed) [reference.fee-schedule.changed.v1, IN 99213, version 1]',
    '  COPAY: A fixed amount a line, no more than is left of it (2000 cents) [reference.plan.changed.v1, PPO office-visit, version 1]',
    'line 2 29881 LT: charged 1,200.00, allowed 1,000.00, paid 400.00; CO-45 200.00, PR-1 500.00, PR-2 100.00',
    '  FEE_SCHEDULE: What the charge is above units × price (1 × 100000 cents: 100000 allowed) [reference.fee-schedule.changed.v1, IN 29881, version 1]',
    '  DEDUCTIBLE: What is left of the individual and the family deductible (50000 cents) [reference.plan.changed.v1, PPO surgery, version 1]',
    '  COINSURANCE: The patient’s share of what the deductible leaves (10000 cents at 20 %) [reference.plan.changed.v1, PPO surgery, version 1]',
    'line 3 99080: charged 150.00, denied; PR-96 150.00; remarks N130',
    '  NOT_COVERED: The plan excludes the service [reference.plan.changed.v1, PPO 99080, version 1]',
  ]);
});

test('a denied claim tells the rule about the whole, a pended one what a person has to look at', () => {
  expect(explainDecision(decisionOf(aClaim(), { member: null }))).toEqual([
    'denied: charged 150.00, paid 0.00, patient 150.00 (no plan)',
    'MEMBER_UNKNOWN: The policy has no such member',
    'line 1 99213: charged 150.00, denied; PR-31 150.00',
  ]);
  expect(explainDecision(decisionOf(aClaim({}, [{ procedureCode: '99215' }])))).toEqual([
    'pended: charged 0.00, paid 0.00, patient 0.00 (plan PPO, in network)',
    'waits for a person, line 1: UNPRICED: The schedule has no price for a covered code; released, it is allowed as charged (services.procedure_code)',
  ]);
});

test('a decision and its reversal add up to nothing, and a reversal names what it takes back', () => {
  const decision = decisionOf(aClaim({}, [{}, { procedureCode: '99080' }]));
  const reversal = reverseDecision(decision, {
    decisionId: 'd-2',
    submissionId: 's-2',
    submittedClaimId: 'CLM_V',
    number: 1,
    frequency: 'void',
    receivedOn: 9,
    receivedAt: 8,
    decidedAt: 7,
  });

  expect(reversal).toMatchObject({
    decisionId: 'd-2',
    submissionId: 's-2',
    kind: 'reversal',
    outcome: 'reversed',
    reverses: 'd-1',
    claimId: 'CLM_1',
    submittedClaimId: 'CLM_V',
    chargeCents: -30_000,
    paidCents: -10_000,
    patientCents: -17_000,
    decidedAt: 7,
  });
  expect(
    reversal.lines.map(({ unitsThousandths, chargeCents, allowedCents, paidCents, adjustments }) => ({
      unitsThousandths,
      chargeCents,
      allowedCents,
      paidCents,
      adjustments,
    })),
  ).toEqual([
    {
      unitsThousandths: -1_000,
      chargeCents: -15_000,
      allowedCents: -12_000,
      paidCents: -10_000,
      adjustments: [
        { group: 'CO', carc: '45', cents: -3_000 },
        { group: 'PR', carc: '3', cents: -2_000 },
      ],
    },
    {
      unitsThousandths: -1_000,
      chargeCents: -15_000,
      allowedCents: 0,
      paidCents: 0,
      adjustments: [{ group: 'PR', carc: '96', cents: -15_000 }],
    },
  ]);
  expect(Object.is(reversal.lines[1]?.paidCents, 0)).toBe(true);
  expect(explainDecision(reversal)[0]).toBe('reversed: charged -300.00, paid -100.00, patient -170.00 (plan PPO, in network)');
});

test('out of network, and a question about the claim as a whole', () => {
  const [head, question] = explainDecision(decisionOf(aClaim({ providerId: 'PROV_OUT', drg: '470' })));
  expect(head).toBe('pended: charged 0.00, paid 0.00, patient 0.00 (plan PPO, out of network)');
  expect(question).toBe(
    'waits for a person, claim: DRG_PRICED: A DRG prices the claim as a whole; released, its lines are priced one by one (drg)',
  );
  const bare = explainDecision({ ...decisionOf(aClaim()), lines: [], pendReasons: [{ code: 'PLAN_UNKNOWN', field: '', line: 0 }] });
  expect(bare.at(-1)).toBe('waits for a person, claim: PLAN_UNKNOWN: The reference data has no version of the member’s plan for the day');
});

test('a line of a revenue code is named by it', () => {
  const told = explainDecision(decisionOf(aClaim({}, [{ procedureCode: '', revenueCode: '0450', chargeCents: 70_000 }])));
  expect(told[1]).toBe('line 1 0450: charged 700.00, allowed 600.00, paid 440.00; CO-45 100.00, PR-2 60.00, PR-3 100.00');
  const [, free] = explainDecision(decisionOf(aClaim({}, [{ procedureCode: '85025', chargeCents: 1_000 }])));
  expect(free).toBe('line 1 85025: charged 10.00, allowed 10.00, paid 10.00');
});

test('a code that no list knows is told as it is', () => {
  const [, , reason] = explainDecision({
    ...decisionOf(aClaim()),
    lines: decisionOf(aClaim()).lines.map((line) => ({
      ...line,
      reasons: [{ rule: 'OLD_RULE', table: 't', row: '', version: 0, detail: '' }],
    })),
  });
  expect(reason).toBe('  OLD_RULE: OLD_RULE [t, no version]');
});

test('money is written with its cents', () => {
  expect([0, 5, -5, 100, 123_456_789, -100_000].map(writeMoney)).toEqual(['0.00', '0.05', '-0.05', '1.00', '1,234,567.89', '-1,000.00']);
});
