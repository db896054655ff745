import { day } from '../records.ts';
import { hit, miss, type GoldenClaim } from './golden-claim.ts';
import { paidVisit } from './golden-validate.ts';

const refused = (reason: string) => `denied in coverage: 150.00 = denied ${reason}`;
const scan = { procedureCode: '70450', chargeCents: 30_000 };
const scanClaim = { diagnosisCodes: ['R519'], priorAuthorization: 'AUTH-1' };
/** Price 250.00, 20 % of it 50.00. */
const paidScan = '300.00 = 200.00 + CO-45 50.00 + PR-2 50.00';
const unauthorized = 'denied in coverage: 300.00 = denied CO-197 (M62)';
/** Price 90.00 out of network, 40 % of it 36.00. */
export const outOfNetwork = 'paid: 150.00 = 54.00 + CO-45 60.00 + PR-2 36.00';
const grant = `t.member|PPO|0|in|authorization:AUTH-1:70450:${day('2024-03-01')}`;
const grantOf = (procedureCode: string, from: string, to: string) => ({
  from: day(from),
  to: day(to),
  number: 'AUTH-8',
  procedureCode,
  unitsThousandths: 1_000,
});
const unknownPaid = { plan: { settings: { 'provider.unknown': 'out-of-network' } } };

/** Steps 11 and 12. */
export const goldenProviders: readonly GoldenClaim[] = [
  hit('PROVIDER_INELIGIBLE', 'barred', refused('CO-B7 (N570)'), { claim: { providerId: 'PROV_BARRED' } }),
  hit('PROVIDER_INELIGIBLE', 'not on file', refused('CO-B7 (N570)'), { claim: { providerId: 'PROV_NEW' } }),
  hit('PROVIDER_INELIGIBLE', 'the day after it left', refused('CO-B7 (N570)'), {
    claim: { providerId: 'PROV_LEFT', serviceFrom: day('2024-03-16'), serviceTo: null },
  }),
  hit('PROVIDER_INELIGIBLE', 'barred also where the unknown are paid', refused('CO-B7 (N570)'), {
    claim: { providerId: 'PROV_BARRED' },
    scene: unknownPaid,
  }),
  miss('PROVIDER_INELIGIBLE', 'its last day', paidVisit, { claim: { providerId: 'PROV_LEFT' } }),
  miss('PROVIDER_INELIGIBLE', 'not on file where the plan pays them as out of network', outOfNetwork, {
    claim: { providerId: 'PROV_NEW' },
    scene: unknownPaid,
  }),
  hit('RENDERING_INELIGIBLE', 'the claim’s', refused('CO-185'), { claim: { renderingProviderId: 'PROV_BARRED' } }),
  hit('RENDERING_INELIGIBLE', 'the line’s', refused('CO-185'), {
    claim: { renderingProviderId: 'PROV_002' },
    lines: [{ renderingProviderId: 'PROV_NEW' }],
  }),
  miss('RENDERING_INELIGIBLE', 'another one of the practice', paidVisit, { claim: { renderingProviderId: 'PROV_002' } }),
  hit('PROVIDER_TYPE', 'a physician bills a panel that is a laboratory’s', refused('CO-170 (N95)'), {
    lines: [{ procedureCode: '80061' }],
  }),
  miss('PROVIDER_TYPE', 'a laboratory', 'paid: 25.00 = 18.00 + CO-45 7.00', {
    claim: { providerId: 'LAB_1' },
    lines: [{ procedureCode: '80061', chargeCents: 2_500 }],
  }),
  hit('UNAUTHORIZED', 'no number', unauthorized, { claim: { ...scanClaim, priorAuthorization: '' }, lines: [scan] }),
  hit('UNAUTHORIZED', 'a number that was not granted', unauthorized, {
    claim: { ...scanClaim, priorAuthorization: 'AUTH-9' },
    lines: [scan],
  }),
  hit('UNAUTHORIZED', 'a number for another code', unauthorized, { claim: { ...scanClaim, priorAuthorization: 'AUTH-2' }, lines: [scan] }),
  hit('UNAUTHORIZED', 'the day after it ended', unauthorized, {
    claim: { ...scanClaim, serviceFrom: day('2024-04-01'), serviceTo: null, receivedOn: day('2024-04-05') },
    lines: [scan],
    scene: { today: day('2024-04-05') },
  }),
  miss('UNAUTHORIZED', 'its last day', `paid: ${paidScan}`, {
    claim: { ...scanClaim, serviceFrom: day('2024-03-31'), serviceTo: null, receivedOn: day('2024-04-05') },
    lines: [scan],
    scene: { today: day('2024-04-05') },
    amounts: { [grant]: 1_000, 't.member|PPO|2024|in|out-of-pocket': 5_000, 't.policy|PPO|2024|in|out-of-pocket': 5_000 },
  }),
  miss('UNAUTHORIZED', 'on file, where the claim need not give the number', `paid: ${paidScan}`, {
    claim: { ...scanClaim, priorAuthorization: '' },
    lines: [scan],
    scene: { plan: { settings: { 'authorization.number': 'optional' } } },
  }),
  // AUTH-1 grants 2 units.
  hit('AUTHORIZATION_EXCEEDED', 'two where one was used', 'denied in coverage: 300.00 = denied CO-198', {
    claim: scanClaim,
    lines: [{ ...scan, unitsThousandths: 2_000 }],
    scene: { amounts: { [grant]: 1_000 } },
  }),
  hit('AUTHORIZATION_EXCEEDED', 'the line before it uses one', `paid: ${paidScan} | 600.00 = denied CO-198`, {
    claim: scanClaim,
    lines: [scan, { ...scan, unitsThousandths: 2_000, chargeCents: 60_000 }],
  }),
  hit('AUTHORIZATION_EXCEEDED', 'two, and then one that is still there', `paid: 600.00 = denied CO-198 | ${paidScan}`, {
    claim: scanClaim,
    lines: [{ ...scan, unitsThousandths: 2_000, chargeCents: 60_000 }, scan],
    scene: { amounts: { [grant]: 1_000 } },
  }),
  miss('AUTHORIZATION_EXCEEDED', 'one where one was used', `paid: ${paidScan}`, {
    claim: scanClaim,
    lines: [scan],
    scene: { amounts: { [grant]: 1_000 } },
    amounts: { [grant]: 2_000, 't.member|PPO|2024|in|out-of-pocket': 5_000, 't.policy|PPO|2024|in|out-of-pocket': 5_000 },
  }),
  // An X-ray for 100.00: price 45.00, 20 % of it 9.00.
  miss('AUTHORIZATION_EXCEEDED', 'one each of two codes under one number', `paid: ${paidScan} | 100.00 = 36.00 + CO-45 55.00 + PR-2 9.00`, {
    claim: { ...scanClaim, priorAuthorization: 'AUTH-8' },
    lines: [scan, { procedureCode: '71046', chargeCents: 10_000 }],
    scene: {
      member: { authorizations: [grantOf('70450', '2024-03-01', '2024-03-31'), grantOf('71046', '2024-03-01', '2024-03-31')] },
    },
    amounts: {
      [`t.member|PPO|0|in|authorization:AUTH-8:70450:${day('2024-03-01')}`]: 1_000,
      [`t.member|PPO|0|in|authorization:AUTH-8:71046:${day('2024-03-01')}`]: 1_000,
      't.member|PPO|2024|in|out-of-pocket': 5_900,
      't.policy|PPO|2024|in|out-of-pocket': 5_900,
    },
  }),
  miss('AUTHORIZATION_EXCEEDED', 'what was used of the grant before, under the same number', `paid: ${paidScan}`, {
    claim: { ...scanClaim, priorAuthorization: 'AUTH-8' },
    lines: [scan],
    scene: {
      member: { authorizations: [grantOf('70450', '2024-01-01', '2024-02-29'), grantOf('70450', '2024-03-01', '2024-03-31')] },
      amounts: { [`t.member|PPO|0|in|authorization:AUTH-8:70450:${day('2024-01-01')}`]: 1_000 },
    },
  }),
];
