import { day } from '../records.ts';
import { hit, miss, type GoldenClaim } from './golden-claim.ts';
import { paidVisit, visit } from './golden-validate.ts';

const refused = (reason: string) => `denied in enrich: 150.00 = denied ${reason}`;
const on = (date: string, received = '2024-03-20') => ({
  claim: { serviceFrom: day(date), serviceTo: day(date), receivedOn: day(received) },
  scene: { today: day(received) },
});
const period = (from: string, to: string | null, planId = 'PPO') => ({
  from: day(from),
  to: to === null ? null : day(to),
  planId,
  groupNumber: 'G',
});
const twoDays = [{}, { serviceFrom: day('2024-03-16') }];

/** Steps 3 to 6. PPO covers 1 January to 31 December 2024. */
export const goldenEnrich: readonly GoldenClaim[] = [
  hit('MEMBER_UNKNOWN', 'the policy has no such member', refused('PR-31'), { scene: { member: null } }),
  hit('MEMBER_UNKNOWN', 'a plan whose payer takes it on itself is not found without a member', refused('PR-31'), {
    scene: { member: null, plan: { settings: { 'group.31': 'CO' } } },
  }),
  miss('MEMBER_UNKNOWN', 'a member', paidVisit),
  hit('NAME_MISMATCH', 'another name', refused('CO-140'), { claim: { nameToken: 't.other' } }),
  miss('NAME_MISMATCH', 'no name on the claim', paidVisit, { claim: { nameToken: null } }),
  miss('NAME_MISMATCH', 'no name on file', paidVisit, { scene: { member: { nameToken: null } } }),
  hit('BEFORE_COVERAGE', 'the day before', refused('PR-26'), on('2023-12-31')),
  miss('BEFORE_COVERAGE', 'the first day', paidVisit, on('2024-01-01')),
  hit('AFTER_COVERAGE', 'the day after', refused('PR-27'), on('2025-01-01', '2025-01-10')),
  hit('AFTER_COVERAGE', 'in a gap', refused('PR-27'), {
    scene: { member: { coverage: [period('2024-01-01', '2024-03-14'), period('2024-03-16', null)] } },
  }),
  hit('AFTER_COVERAGE', 'no coverage at all', refused('PR-27'), { scene: { member: { coverage: [] } } }),
  miss('AFTER_COVERAGE', 'the last day', paidVisit, on('2024-12-31', '2025-01-10')),
  hit('SPANS_PLANS', 'the second day is another plan’s', `paid: ${visit} | 150.00 = denied CO-16 (N61)`, {
    lines: twoDays,
    scene: { member: { coverage: [period('2024-01-01', '2024-03-15'), period('2024-03-16', null, 'HMO')] } },
  }),
  miss('SPANS_PLANS', 'the second day is the same plan’s', `paid: ${visit} | ${visit}`, {
    lines: twoDays,
    scene: { member: { coverage: [period('2024-01-01', '2024-03-15'), period('2024-03-16', null)] } },
  }),
  hit('PLAN_UNKNOWN', 'a plan that nobody loaded', 'pended in enrich: PLAN_UNKNOWN', {
    scene: { member: { coverage: [period('2024-01-01', null, 'GONE')] } },
  }),
  hit('PLAN_UNKNOWN', 'and a release does not bring it', 'pended in enrich: PLAN_UNKNOWN', {
    scene: {
      member: { coverage: [period('2024-01-01', null, 'GONE')] },
      review: {},
      lookedAt: [{ code: 'PLAN_UNKNOWN', field: '', line: 0 }],
    },
  }),
  hit('PLAN_UNKNOWN', 'its last version ended the day before', 'pended in enrich: PLAN_UNKNOWN', {
    scene: { plan: { effectiveTo: day('2024-03-14') } },
  }),
  miss('PLAN_UNKNOWN', 'its last version ends that day', paidVisit, { scene: { plan: { effectiveTo: day('2024-03-15') } } }),
  hit('WRONG_PAYER', 'another payer’s identifier', refused('OA-109'), { claim: { payerId: 'PAY2' } }),
  miss('WRONG_PAYER', 'an alias', paidVisit, { claim: { payerId: 'PAY1-OLD' } }),
  miss('WRONG_PAYER', 'a plan that does not say whose it is', paidVisit, { claim: { payerId: 'PAY2' }, scene: { plan: { payerId: '' } } }),
  miss('WRONG_PAYER', 'the payer', paidVisit, { claim: { payerId: 'PAY1' } }),
  hit('BEFORE_BIRTH', 'born the day after', refused('CO-14'), { scene: { member: { birthDate: day('2024-03-16') } } }),
  miss('BEFORE_BIRTH', 'born that day', paidVisit, { scene: { member: { birthDate: day('2024-03-15') } } }),
  hit('AFTER_DEATH', 'died the day before', refused('CO-13'), { scene: { member: { deathDate: day('2024-03-14') } } }),
  miss('AFTER_DEATH', 'died that day', paidVisit, { scene: { member: { deathDate: day('2024-03-15') } } }),
  hit('FUTURE_SERVICE', 'the day after it was received', refused('CO-110'), on('2024-03-21')),
  hit('FUTURE_SERVICE', 'a sender who dates the claim ahead does not help it', refused('CO-110'), {
    claim: { serviceFrom: day('2024-03-21'), serviceTo: null, receivedOn: day('2024-12-01') },
  }),
  miss('FUTURE_SERVICE', 'received on the day of service', paidVisit, on('2024-03-15', '2024-03-15')),
];
