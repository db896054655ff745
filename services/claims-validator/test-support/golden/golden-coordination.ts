import type { PriorPayer } from '@vigil/contracts';
import { hit, miss, type GoldenClaim } from './golden-claim.ts';
import { paidVisit } from './golden-validate.ts';

const prior = (over: Partial<PriorPayer>): PriorPayer => ({
  payerId: 'PAY9',
  sequence: 'P',
  allowedCents: null,
  paidCents: 0,
  patientCents: null,
  adjustments: [],
  ...over,
});
const behind = (...payers: readonly Partial<PriorPayer>[]) => ({ coverageType: 'secondary', priorPayers: payers.map(prior) });
const scope = [{ procedureCode: '29881', chargeCents: 120_000 }];
/** The deductible is met: price 1,000.00, 20 % of it 200.00, the plan's own benefit 800.00. */
const met = (method?: string) => ({
  amounts: { 't.member|PPO|2024|in|deductible': 50_000 },
  ...(method === undefined ? {} : { plan: { settings: { 'cob.method': method } } }),
});

/** Behind another payer: step 17's OA-23. Charged 1,200.00. */
export const goldenCoordination: readonly GoldenClaim[] = [
  // 700.00 paid, 300.00 left to the patient, so 200.00 written off: 900.00 are told already.
  hit('PRIOR_PAYMENT', 'come out whole: all that was left', 'paid: 1,200.00 = 300.00 + OA-23 900.00', {
    claim: behind({ paidCents: 70_000, patientCents: 30_000 }),
    lines: scope,
    scene: met(),
  }),
  // 800.00 - 700.00 = 100.00; 1,000.00 - 700.00 - 100.00 = 200.00 are the patient's.
  hit('PRIOR_PAYMENT', 'carve-out: the own benefit less what was paid', 'paid: 1,200.00 = 100.00 + OA-23 900.00 + PR-2 200.00', {
    claim: behind({ paidCents: 70_000, patientCents: 30_000 }),
    lines: scope,
    scene: met('carve-out'),
  }),
  hit('PRIOR_PAYMENT', 'carve-out behind a better benefit pays nothing', 'paid: 1,200.00 = 0.00 + OA-23 1,100.00 + PR-2 100.00', {
    claim: behind({ paidCents: 90_000, patientCents: 10_000 }),
    lines: scope,
    scene: met('carve-out'),
  }),
  // 80 % of 1,000.00 - 700.00.
  hit(
    'PRIOR_PAYMENT',
    'maintenance of benefits: the benefit on what was left of the allowed amount',
    'paid: 1,200.00 = 240.00 + OA-23 900.00 + PR-2 60.00',
    { claim: behind({ paidCents: 70_000, patientCents: 30_000 }), lines: scope, scene: met('maintenance-of-benefits') },
  ),
  // Own benefit 400.00 after 500.00 deductible and 100.00 coinsurance, less 300.00. Of the 450.00 left all is deductible.
  hit('PRIOR_PAYMENT', 'what is left is the deductible before it is coinsurance', 'paid: 1,200.00 = 100.00 + OA-23 650.00 + PR-1 450.00', {
    claim: behind({ paidCents: 30_000, patientCents: 55_000 }),
    lines: scope,
    scene: { plan: { settings: { 'cob.method': 'carve-out' } } },
    // The whole 500.00 of the deductible count, as without the other payer; out of pocket is what is owed.
    amounts: {
      't.member|PPO|2024|in|deductible': 50_000,
      't.policy|PPO|2024|in|deductible': 50_000,
      't.member|PPO|2024|in|out-of-pocket': 45_000,
      't.policy|PPO|2024|in|out-of-pocket': 45_000,
    },
  }),
  // Price 600.00, coinsurance 60.00, copay 100.00: 440.00 - 400.00. Of the 90.00 left 60.00 are coinsurance.
  hit('PRIOR_PAYMENT', 'and coinsurance before it is copay', 'paid: 700.00 = 40.00 + OA-23 570.00 + PR-2 60.00 + PR-3 30.00', {
    claim: behind({ paidCents: 40_000, patientCents: 13_000 }),
    lines: [{ procedureCode: '', revenueCode: '0450', chargeCents: 70_000 }],
    scene: met('carve-out'),
  }),
  hit('PRIOR_PAYMENT', 'paid in full before', 'paid: 1,200.00 = 0.00 + OA-23 1,200.00', {
    claim: behind({ paidCents: 120_000 }),
    lines: scope,
    scene: met(),
  }),
  hit('PRIOR_PAYMENT', 'nothing but the payment was told: the rest was left to the patient', 'paid: 1,200.00 = 500.00 + OA-23 700.00', {
    claim: behind({ paidCents: 70_000 }),
    lines: scope,
    scene: met(),
  }),
  // Allowed 900.00, paid 700.00: 200.00 left.
  hit('PRIOR_PAYMENT', 'what it allowed was told', 'paid: 1,200.00 = 200.00 + OA-23 1,000.00', {
    claim: behind({ paidCents: 70_000, allowedCents: 90_000 }),
    lines: scope,
    scene: met(),
  }),
  // Of the 300.00 that are left 1,000.00 - 100.00 - 800.00 = 100.00 are allowed and the patient's, 200.00 are above the price.
  hit(
    'PRIOR_PAYMENT',
    'the own contract writes off what it does not allow',
    'paid: 1,200.00 = 800.00 + OA-23 100.00 + CO-45 200.00 + PR-2 100.00',
    { claim: behind({ paidCents: 10_000, patientCents: 110_000 }), lines: scope, scene: met() },
  ),
  // Charges 150.00 and 50.00: 100.00 paid are 75.00 and 25.00, what is open is 75.00 and 25.00, of the 40.00 left 30.00 and 10.00.
  hit('PRIOR_PAYMENT', 'told for the claim: spread over the lines', 'paid: 150.00 = 30.00 + OA-23 120.00 | 50.00 = 10.00 + OA-23 40.00', {
    claim: behind({ paidCents: 10_000, patientCents: 4_000 }),
    lines: [{}, { procedureCode: '85025', chargeCents: 5_000 }],
  }),
  hit('PRIOR_PAYMENT', 'told by line', 'paid: 150.00 = 20.00 + OA-23 130.00 | 50.00 = 0.00 + OA-23 50.00', {
    claim: behind({
      paidCents: 13_000,
      adjustments: [
        { line: 1, group: 'CO', carc: '45', cents: 5_000 },
        { line: 1, group: 'PR', carc: '2', cents: 2_000 },
        { line: 2, group: 'CO', carc: '45', cents: 0 },
      ],
    }),
    lines: [{ priorPaidCents: 8_000 }, { procedureCode: '85025', chargeCents: 5_000, priorPaidCents: 5_000 }],
  }),
  // 100.00 paid, 60.00 of it for the visit: the other 40.00 are for the laboratory.
  hit(
    'PRIOR_PAYMENT',
    'told by one line only: the rest is spread over the others',
    'paid: 150.00 = 90.00 + OA-23 60.00 | 50.00 = 10.00 + OA-23 40.00',
    {
      claim: behind({ paidCents: 10_000 }),
      lines: [{ priorPaidCents: 6_000 }, { procedureCode: '85025', chargeCents: 5_000 }],
    },
  ),
  hit('PRIOR_PAYMENT', 'adjustments of the claim: only the patient’s were left', 'paid: 150.00 = 25.00 + OA-23 125.00', {
    claim: behind({
      paidCents: 9_000,
      adjustments: [
        { line: 0, group: 'CO', carc: '45', cents: 3_500 },
        { line: 0, group: 'PR', carc: '1', cents: 2_500 },
      ],
    }),
  }),
  // The second payer decided last: it left 10.00.
  hit('PRIOR_PAYMENT', 'the third payer: what the second left', 'paid: 150.00 = 10.00 + OA-23 140.00', {
    claim: {
      ...behind({ sequence: 'S', paidCents: 3_000, patientCents: 1_000 }, { sequence: 'P', paidCents: 8_000, patientCents: 4_000 }),
      coverageType: 'tertiary',
    },
  }),
  // 130.00 of the visit and 35.00 of the laboratory are told by line; 20.00 and 15.00 are open, and the claim says that they are the patient's.
  hit(
    'PRIOR_PAYMENT',
    'written off by line, left to the patient by claim',
    'paid: 150.00 = 20.00 + OA-23 130.00 | 50.00 = 10.00 + OA-23 35.00 + CO-45 5.00',
    {
      claim: behind({
        paidCents: 11_000,
        adjustments: [
          { line: 0, group: 'PR', carc: '1', cents: 3_500 },
          { line: 1, group: 'CO', carc: '45', cents: 5_000 },
          { line: 2, group: 'CO', carc: '45', cents: 500 },
        ],
      }),
      lines: [{ priorPaidCents: 8_000 }, { procedureCode: '85025', chargeCents: 5_000, priorPaidCents: 3_000 }],
    },
  ),
  hit(
    'PRIOR_PAYMENT',
    'told by line, and the sums once more by claim',
    'paid: 150.00 = 20.00 + OA-23 130.00 | 50.00 = 0.00 + OA-23 50.00',
    {
      claim: behind({
        paidCents: 13_000,
        adjustments: [
          { line: 0, group: 'CO', carc: '45', cents: 5_000 },
          { line: 0, group: 'PR', carc: '2', cents: 2_000 },
          { line: 1, group: 'CO', carc: '45', cents: 5_000 },
          { line: 1, group: 'PR', carc: '2', cents: 2_000 },
        ],
      }),
      lines: [{ priorPaidCents: 8_000 }, { procedureCode: '85025', chargeCents: 5_000, priorPaidCents: 5_000 }],
    },
  ),
  // Nothing was told of the laboratory: its 50.00 are left, 10.00 are allowed.
  hit('PRIOR_PAYMENT', 'told by one line, nothing of the other', 'paid: 150.00 = 20.00 + OA-23 130.00 | 50.00 = 10.00 + CO-45 40.00', {
    claim: behind({
      paidCents: 8_000,
      adjustments: [
        { line: 1, group: 'CO', carc: '45', cents: 5_000 },
        { line: 1, group: 'PR', carc: '2', cents: 2_000 },
      ],
    }),
    lines: [{ priorPaidCents: 8_000 }, { procedureCode: '85025', chargeCents: 5_000 }],
  }),
  // The second allowed 110.00, of which the first paid 80.00 and it 20.00.
  hit('PRIOR_PAYMENT', 'the third payer: what both left of what the second allowed', 'paid: 150.00 = 10.00 + OA-23 140.00', {
    claim: {
      ...behind({ paidCents: 8_000, patientCents: 4_000 }, { sequence: 'S', paidCents: 2_000, allowedCents: 11_000 }),
      coverageType: 'tertiary',
    },
  }),
  // The line tells what the first paid, the claim that the second paid 20.00 more: of 110.00 allowed 10.00 are left.
  hit('PRIOR_PAYMENT', 'told by line, and what a second payer paid by claim', 'paid: 150.00 = 10.00 + OA-23 140.00', {
    claim: {
      ...behind({ paidCents: 8_000, patientCents: 4_000 }, { sequence: 'S', paidCents: 2_000, allowedCents: 11_000 }),
      coverageType: 'tertiary',
    },
    lines: [{ priorPaidCents: 8_000 }],
  }),
  // Four of five units count: 60.00 of 300.00 are cut, and of 200.00 paid and 50.00 left 160.00 and 40.00 belong to the four.
  hit('PRIOR_PAYMENT', 'units that an edit cuts take their part with them', 'paid: 300.00 = 40.00 + CO-151 60.00 + OA-23 200.00 (N362)', {
    claim: { ...behind({ paidCents: 20_000, patientCents: 5_000 }), diagnosisCodes: ['M5450'] },
    lines: [{ procedureCode: '97110', unitsThousandths: 5_000, chargeCents: 30_000 }],
    scene: { plan: { settings: { mue: 'cut' } } },
  }),
  // Own: deductible 500.00, coinsurance 100.00, benefit 400.00. The patient owes nothing, and has met the deductible all the same.
  hit('PRIOR_PAYMENT', 'the deductible that another payer bore is met', 'paid: 1,200.00 = 300.00 + OA-23 900.00', {
    claim: behind({ paidCents: 70_000, patientCents: 30_000 }),
    lines: scope,
    amounts: { 't.member|PPO|2024|in|deductible': 50_000, 't.policy|PPO|2024|in|deductible': 50_000 },
  }),
  hit('PRIOR_PAYMENT', 'a plan that counts only what is owed of it', 'paid: 1,200.00 = 300.00 + OA-23 900.00', {
    claim: behind({ paidCents: 70_000, patientCents: 30_000 }),
    lines: scope,
    scene: { plan: { settings: { 'cob.deductible': 'owed' } } },
    amounts: {},
  }),
  miss('PRIOR_PAYMENT', 'no payer before', paidVisit),
];
