import { hit, miss, type GoldenClaim } from './golden-claim.ts';
import { paidVisit } from './golden-validate.ts';

const plan = (settings: Record<string, string>) => ({ plan: { settings } });
const looked = (code: string, line: number) => ({ review: {}, lookedAt: [{ code, field: '', line }] });
const scope = [{ procedureCode: '29881', chargeCents: 120_000 }];
const wound = [{ procedureCode: '11042', chargeCents: 50_000 }];
const dose = (thousandths: number) => [{ procedureCode: 'J1885', unitsThousandths: thousandths, chargeCents: 1_000 }];
const stay = {
  claim: { drg: '470', claimType: 'institutional' as const },
  lines: [{ procedureCode: '', revenueCode: '0120', chargeCents: 200_000 }],
};
const own = (pot: string) => `t.member|PPO|2024|in|${pot}`;
const family = (pot: string) => `t.policy|PPO|2024|in|${pot}`;

/** Steps 18 and 19. */
export const goldenCost: readonly GoldenClaim[] = [
  hit('DRG_PRICED', 'a DRG claim', 'pended in adjudicate: DRG_PRICED', stay),
  // Price 1,500.00: deductible 500.00, 20 % of 1,000.00.
  miss('DRG_PRICED', 'a person let it be priced by line', 'paid: 2,000.00 = 800.00 + CO-45 500.00 + PR-1 500.00 + PR-2 200.00', {
    ...stay,
    scene: looked('DRG_PRICED', 0),
  }),
  hit('UNPRICED', 'a covered code without a price', 'pended in adjudicate: UNPRICED 1', { lines: [{ procedureCode: '99215' }] }),
  hit('UNPRICED', 'where the plan denies it', 'denied in adjudicate: 150.00 = denied CO-147 (N65)', {
    lines: [{ procedureCode: '99215' }],
    scene: plan({ unpriced: 'deny' }),
  }),
  miss('UNPRICED', 'a person let it pass: allowed as charged', 'paid: 150.00 = 130.00 + PR-3 20.00', {
    lines: [{ procedureCode: '99215' }],
    scene: looked('UNPRICED', 1),
  }),
  miss('UNPRICED', 'where the plan allows what is charged', 'paid: 150.00 = 130.00 + PR-3 20.00', {
    lines: [{ procedureCode: '99215' }],
    scene: plan({ unpriced: 'charge' }),
  }),
  hit('FEE_SCHEDULE', 'the charge is above the price', paidVisit),
  hit('FEE_SCHEDULE', 'the charge is below the price', 'paid: 100.00 = 80.00 + PR-3 20.00', { lines: [{ chargeCents: 10_000 }] }),
  // 3 × 120.00, copay once a line.
  hit('FEE_SCHEDULE', 'three units', 'paid: 500.00 = 340.00 + CO-45 140.00 + PR-3 20.00', {
    lines: [{ unitsThousandths: 3_000, chargeCents: 50_000 }],
  }),
  hit('FEE_SCHEDULE', 'a modifier with a price of its own: 15.00, 20 % of it 3.00', 'paid: 40.00 = 12.00 + CO-45 25.00 + PR-2 3.00', {
    claim: { priorAuthorization: 'AUTH-2' },
    lines: [{ procedureCode: '71046', modifiers: ['26'], chargeCents: 4_000 }],
  }),
  hit('FEE_SCHEDULE', 'without it: 45.00, 20 % of it 9.00', 'paid: 60.00 = 36.00 + CO-45 15.00 + PR-2 9.00', {
    claim: { priorAuthorization: 'AUTH-2' },
    lines: [{ procedureCode: '71046', chargeCents: 6_000 }],
  }),
  hit('FEE_SCHEDULE', 'out of network, where members pay the balance', 'paid: 150.00 = 54.00 + PR-45 60.00 + PR-2 36.00', {
    claim: { providerId: 'PROV_OUT' },
    scene: plan({ 'group.45': 'PR' }),
  }),
  // 0.5 × 2.55 = 1.275; to the even cent 1.28, 20 % of it 0.256; dropped 1.27, 20 % of it 0.254.
  hit('FEE_SCHEDULE', 'half a cent up', 'paid: 10.00 = 1.02 + CO-45 8.72 + PR-2 0.26', { lines: dose(500) }),
  hit('FEE_SCHEDULE', 'half a cent dropped', 'paid: 10.00 = 1.02 + CO-45 8.73 + PR-2 0.25', {
    lines: dose(500),
    scene: plan({ rounding: 'down' }),
  }),
  // 1.5 × 2.55 = 3.825; to the even cent 3.82, 20 % of it 0.764.
  hit('FEE_SCHEDULE', 'half a cent to the even one', 'paid: 10.00 = 3.06 + CO-45 6.18 + PR-2 0.76', {
    lines: dose(1_500),
    scene: plan({ rounding: 'half-even' }),
  }),
  miss('FEE_SCHEDULE', 'a denied line is not priced', 'denied in enrich: 150.00 = denied OA-109', { claim: { payerId: 'PAY2' } }),
  // Price 1,000.00.
  hit('DEDUCTIBLE', 'untouched: 500.00, then 20 % of 500.00', 'paid: 1,200.00 = 400.00 + CO-45 200.00 + PR-1 500.00 + PR-2 100.00', {
    lines: scope,
    amounts: {
      [own('deductible')]: 50_000,
      [family('deductible')]: 50_000,
      [own('out-of-pocket')]: 60_000,
      [family('out-of-pocket')]: 60_000,
    },
  }),
  // 20 % of 999.99 is 199.998.
  hit('DEDUCTIBLE', 'a cent of it is left', 'paid: 1,200.00 = 799.99 + CO-45 200.00 + PR-1 0.01 + PR-2 200.00', {
    lines: scope,
    scene: { amounts: { [own('deductible')]: 49_999 } },
  }),
  miss('DEDUCTIBLE', 'it is met', 'paid: 1,200.00 = 800.00 + CO-45 200.00 + PR-2 200.00', {
    lines: scope,
    scene: { amounts: { [own('deductible')]: 50_000 } },
  }),
  hit(
    'DEDUCTIBLE',
    'the family’s is nearer: 300.00, 20 % of 700.00',
    'paid: 1,200.00 = 560.00 + CO-45 200.00 + PR-1 300.00 + PR-2 140.00',
    { lines: scope, scene: { amounts: { [family('deductible')]: 70_000 } } },
  ),
  miss('DEDUCTIBLE', 'the family’s is met', 'paid: 1,200.00 = 800.00 + CO-45 200.00 + PR-2 200.00', {
    lines: scope,
    scene: { amounts: { [family('deductible')]: 100_000 } },
  }),
  hit(
    'DEDUCTIBLE',
    'only the family’s counts: 800.00, 20 % of 200.00',
    'paid: 1,200.00 = 160.00 + CO-45 200.00 + PR-1 800.00 + PR-2 40.00',
    { lines: scope, scene: { amounts: { [family('deductible')]: 20_000 }, ...plan({ 'deductible.family': 'aggregate' }) } },
  ),
  hit(
    'DEDUCTIBLE',
    'a plan year that begins in July: March 2024 is of 2023',
    'paid: 1,200.00 = 400.00 + CO-45 200.00 + PR-1 500.00 + PR-2 100.00',
    {
      lines: scope,
      scene: { plan: { planYearStartMonth: 7 } },
      amounts: {
        't.member|PPO|2023|in|deductible': 50_000,
        't.policy|PPO|2023|in|deductible': 50_000,
        't.member|PPO|2023|in|out-of-pocket': 60_000,
        't.policy|PPO|2023|in|out-of-pocket': 60_000,
      },
    },
  ),
  // Price 800.00 out of network, of a deductible of 1,000.00: nothing is paid.
  hit('DEDUCTIBLE', 'out of network has its own', 'paid: 1,200.00 = 0.00 + CO-45 400.00 + PR-1 800.00', {
    claim: { providerId: 'PROV_OUT' },
    lines: scope,
    scene: { amounts: { [own('deductible')]: 50_000 } },
  }),
  miss('DEDUCTIBLE', 'a plan without one', 'paid: 1,200.00 = 800.00 + CO-45 200.00 + PR-2 200.00', {
    lines: scope,
    scene: { plan: { deductibleInCents: 0 } },
  }),
  miss('DEDUCTIBLE', 'a benefit before it', paidVisit),
  hit('COINSURANCE', '20 % of 400.00', 'paid: 500.00 = 320.00 + CO-45 100.00 + PR-2 80.00', {
    lines: wound,
    scene: { amounts: { [own('deductible')]: 50_000 } },
  }),
  miss('COINSURANCE', 'nothing is left after the deductible', 'paid: 500.00 = 0.00 + CO-45 100.00 + PR-1 400.00', { lines: wound }),
  hit('COPAY', 'a visit', paidVisit),
  hit('COPAY', 'no more than is allowed', 'paid: 15.00 = 0.00 + PR-3 15.00', { lines: [{ chargeCents: 1_500 }] }),
  // 10 % of 50.00, and of the copay of 100.00 the 45.00 that are left.
  hit('COPAY', 'no more than the coinsurance leaves', 'paid: 50.00 = 0.00 + PR-2 5.00 + PR-3 45.00', {
    lines: [{ procedureCode: '', revenueCode: '0450', chargeCents: 5_000 }],
  }),
  miss('COPAY', 'a benefit without one', 'paid: 20.00 = 10.00 + CO-45 10.00', { lines: [{ procedureCode: '85025', chargeCents: 2_000 }] }),
  // At most 2,000.00, of the family 4,000.00.
  hit('OUT_OF_POCKET', '10.00 are left of it', 'paid: 150.00 = 110.00 + CO-45 30.00 + PR-3 10.00', {
    scene: { amounts: { [own('out-of-pocket')]: 199_000 } },
  }),
  hit('OUT_OF_POCKET', 'it is reached: the plan pays all', 'paid: 150.00 = 120.00 + CO-45 30.00', {
    scene: { amounts: { [own('out-of-pocket')]: 200_000 } },
  }),
  hit('OUT_OF_POCKET', 'the family’s is nearer: 5.00', 'paid: 150.00 = 115.00 + CO-45 30.00 + PR-3 5.00', {
    scene: { amounts: { [family('out-of-pocket')]: 399_500 } },
  }),
  hit(
    'OUT_OF_POCKET',
    '500.00 are left: the deductible stays, the coinsurance goes',
    'paid: 1,200.00 = 500.00 + CO-45 200.00 + PR-1 500.00',
    { lines: scope, scene: { amounts: { [own('out-of-pocket')]: 150_000 } } },
  ),
  hit('OUT_OF_POCKET', '450.00 are left: of the deductible, too', 'paid: 1,200.00 = 550.00 + CO-45 200.00 + PR-1 450.00', {
    lines: scope,
    scene: { amounts: { [own('out-of-pocket')]: 155_000 } },
  }),
  miss('OUT_OF_POCKET', 'just enough is left', paidVisit, { scene: { amounts: { [own('out-of-pocket')]: 198_000 } } }),
  miss('OUT_OF_POCKET', 'a plan without a maximum', paidVisit, {
    scene: { amounts: { [own('out-of-pocket')]: 900_000 }, plan: { outOfPocketInCents: null, familyOutOfPocketInCents: null } },
  }),
];
