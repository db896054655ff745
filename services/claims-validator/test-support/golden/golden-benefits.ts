import { aPlan } from '../scene-reference.ts';
import { day } from '../records.ts';
import { hit, miss, type GoldenClaim } from './golden-claim.ts';
import { outOfNetwork } from './golden-providers.ts';
import { paidVisit } from './golden-validate.ts';

const refused = (reason: string) => `denied in coverage: 150.00 = denied ${reason}`;
const plan = (settings: Record<string, string>) => ({ plan: { settings } });
const scan = { claim: { priorAuthorization: 'AUTH-1' }, lines: [{ procedureCode: '70450', chargeCents: 30_000 }] };
const back = { diagnosisCodes: ['M5450'] };
const exercise = { procedureCode: '97110', chargeCents: 6_000 };
/** Price 40.00, copay 30.00. */
const paidExercise = '60.00 = 10.00 + CO-45 20.00 + PR-3 30.00';
const visits = 't.member|PPO|2024|in|visits:97110-97140';
const walker = { procedureCode: 'E0143', chargeCents: 10_000 };
const money = 't.member|PPO|2024|in|money:dme';
const ride = { procedureCode: 'A0429', chargeCents: 50_000 };
const life = 't.member|PPO|0|in|lifetime:ambulance';
const other = (from: string, to: string | null, primary = true) => ({
  member: { otherPayers: [{ from: day(from), to: to === null ? null : day(to), payerId: 'PAY9', primary }] },
});

const rides = 't.member|PPO|2024|in|money:ambulance';
const bothMaximums = {
  benefits: aPlan().benefits.map((benefit) => (benefit.service === 'ambulance' ? { ...benefit, maxCents: 100_000 } : benefit)),
};

/** Steps 15 to 17. */
export const goldenBenefits: readonly GoldenClaim[] = [
  hit('NO_BENEFIT', 'no benefit means the code', refused('PR-204'), { lines: [{ procedureCode: '99499' }] }),
  hit('NO_BENEFIT', 'a plan that leaves it to the provider', refused('CO-204'), {
    lines: [{ procedureCode: '99499' }],
    scene: plan({ 'group.204': 'CO' }),
  }),
  hit('NO_BENEFIT', 'a code beyond the range of the office visits', refused('PR-204'), { lines: [{ procedureCode: '99216' }] }),
  miss('NO_BENEFIT', 'a code within it', paidVisit),
  hit('NOT_COVERED', 'excluded by the plan', refused('PR-96 (N130)'), { lines: [{ procedureCode: '99080' }] }),
  miss('NOT_COVERED', 'covered', paidVisit),
  hit('OUT_OF_NETWORK', 'a plan without a schedule for it', refused('PR-242'), {
    claim: { providerId: 'PROV_OUT' },
    scene: { plan: { scheduleOut: '' } },
  }),
  miss('OUT_OF_NETWORK', 'a plan with one', outOfNetwork, { claim: { providerId: 'PROV_OUT' } }),
  hit('NOT_NECESSARY', 'a scan for diabetes', 'denied in coverage: 300.00 = denied CO-50', scan),
  miss('NOT_NECESSARY', 'a scan for headache', 'paid: 300.00 = 200.00 + CO-45 50.00 + PR-2 50.00', {
    ...scan,
    claim: { ...scan.claim, diagnosisCodes: ['E119', 'R519'] },
  }),
  // Two visits a year.
  hit('VISITS_USED', 'the third', 'denied in coverage: 60.00 = denied PR-119 (N640)', {
    claim: back,
    lines: [exercise],
    scene: { amounts: { [visits]: 2 } },
  }),
  miss('VISITS_USED', 'the second', `paid: ${paidExercise}`, {
    claim: back,
    lines: [exercise],
    scene: { amounts: { [visits]: 1 } },
    amounts: { [visits]: 2, 't.member|PPO|2024|in|out-of-pocket': 3_000, 't.policy|PPO|2024|in|out-of-pocket': 3_000 },
  }),
  // Two lines of one day are one visit: 80.00 of 120.00 for two units, copay 30.00.
  miss('VISITS_USED', 'a second line of the second', `paid: ${paidExercise} | 120.00 = 50.00 + CO-45 40.00 + PR-3 30.00`, {
    claim: back,
    lines: [exercise, { ...exercise, unitsThousandths: 2_000, chargeCents: 12_000 }],
    scene: { amounts: { [visits]: 1 } },
    amounts: { [visits]: 2, 't.member|PPO|2024|in|out-of-pocket': 6_000, 't.policy|PPO|2024|in|out-of-pocket': 6_000 },
  }),
  hit('VISITS_USED', 'another day of the same claim is another visit', `paid: ${paidExercise} | 60.00 = denied PR-119 (N640)`, {
    claim: back,
    lines: [exercise, { ...exercise, serviceFrom: day('2024-03-16') }],
    scene: { amounts: { [visits]: 1 } },
  }),
  // Price 80.00, 50 % of it 40.00; at most 300.00 a year.
  hit('MONEY_USED', 'nothing is left', 'denied in coverage: 100.00 = denied PR-119 (N587)', {
    lines: [walker],
    scene: { amounts: { [money]: 30_000 } },
  }),
  hit('MONEY_USED', 'a cent is left', 'paid: 100.00 = 0.01 + CO-45 20.00 + PR-2 40.00 + PR-119 39.99', {
    lines: [walker],
    scene: { amounts: { [money]: 29_999 } },
  }),
  miss('MONEY_USED', 'just enough is left', 'paid: 100.00 = 40.00 + CO-45 20.00 + PR-2 40.00', {
    lines: [walker],
    scene: { amounts: { [money]: 26_000 } },
    amounts: { [money]: 30_000, 't.member|PPO|2024|in|out-of-pocket': 4_000, 't.policy|PPO|2024|in|out-of-pocket': 4_000 },
  }),
  // 40.00 of the allowed 80.00 are left: half of that is the patient's, the other 40.00 are beyond the maximum.
  hit('MONEY_USED', 'where the plan counts what it allowed', 'paid: 100.00 = 20.00 + CO-45 20.00 + PR-2 20.00 + PR-119 40.00', {
    lines: [walker],
    scene: { amounts: { [money]: 26_000 }, ...plan({ 'maximum.counts': 'allowed' }) },
  }),
  // Out of network no price is loaded for it: as charged, 40 % of 100.00.
  miss('MONEY_USED', 'used up in network only, where the plan counts each', 'paid: 100.00 = 60.00 + PR-2 40.00', {
    claim: { providerId: 'PROV_OUT' },
    lines: [walker],
    scene: { amounts: { [money]: 30_000 }, ...plan({ 'maximum.network': 'separate', unpriced: 'charge' }) },
  }),
  hit('MONEY_USED', 'used up in network, where it is one for both', 'denied in coverage: 100.00 = denied PR-119 (N587)', {
    claim: { providerId: 'PROV_OUT' },
    lines: [walker],
    scene: { amounts: { [money]: 30_000 }, ...plan({ unpriced: 'charge' }) },
  }),
  // Price 450.00, at most 1,000.00 in a life.
  hit('LIFETIME_USED', 'nothing is left', 'denied in coverage: 500.00 = denied PR-35 (N587)', {
    lines: [ride],
    scene: { amounts: { [life]: 100_000 } },
  }),
  hit('LIFETIME_USED', '400.00 are left', 'paid: 500.00 = 400.00 + CO-45 50.00 + PR-35 50.00', {
    lines: [ride],
    scene: { amounts: { [life]: 60_000 } },
    amounts: { [life]: 100_000 },
  }),
  hit('LIFETIME_USED', 'nearer than the year’s', 'paid: 500.00 = 400.00 + CO-45 50.00 + PR-35 50.00', {
    lines: [ride],
    scene: { amounts: { [life]: 60_000, [rides]: 59_999 }, plan: bothMaximums },
  }),
  hit('MONEY_USED', 'as near as that of a life: the year’s is told', 'paid: 500.00 = 400.00 + CO-45 50.00 + PR-119 50.00', {
    lines: [ride],
    scene: { amounts: { [life]: 60_000, [rides]: 60_000 }, plan: bothMaximums },
  }),
  miss('LIFETIME_USED', 'just enough is left', 'paid: 500.00 = 450.00 + CO-45 50.00', {
    lines: [ride],
    scene: { amounts: { [life]: 55_000 } },
  }),
  hit('OTHER_PRIMARY', 'the member has a payer that comes first', refused('CO-22 (MA04)'), { scene: other('2024-01-01', null) }),
  hit('OTHER_PRIMARY', 'the claim itself says that this payer is the second', refused('CO-22 (MA04)'), {
    claim: { coverageType: 'secondary' },
  }),
  hit('OTHER_PRIMARY', 'on the last day of its coverage', refused('CO-22 (MA04)'), { scene: other('2024-01-01', '2024-03-15') }),
  hit('OTHER_PRIMARY', 'on the first', refused('CO-22 (MA04)'), { scene: other('2024-03-15', null) }),
  miss('OTHER_PRIMARY', 'the day before it', paidVisit, { scene: other('2024-03-16', null) }),
  miss('OTHER_PRIMARY', 'its coverage ended the day before', paidVisit, { scene: other('2024-01-01', '2024-03-14') }),
  miss('OTHER_PRIMARY', 'it comes after this one', paidVisit, { scene: other('2024-01-01', null, false) }),
];
