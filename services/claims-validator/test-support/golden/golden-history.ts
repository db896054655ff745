import { aKnownService } from '../claim-scene.ts';
import { day } from '../records.ts';
import { hit, miss, type GoldenClaim } from './golden-claim.ts';
import { paidVisit, visit } from './golden-validate.ts';

const received = (service: string, on: string) => ({
  claim: { serviceFrom: day(service), serviceTo: day(service), receivedOn: day(on) },
  scene: { today: day(on) },
});
const late = 'denied in coverage: 150.00 = denied CO-29';
const suspected = 'pended in coverage: SUSPECTED_DUPLICATE 1';
const before = (over: Parameters<typeof aKnownService>[0]) => ({ history: [aKnownService(over)] });

/** Steps 7 and 8. */
export const goldenHistory: readonly GoldenClaim[] = [
  hit('DUPLICATE', 'another claim with the same service', 'denied in coverage: 150.00 = denied OA-18', { scene: before({}) }),
  hit('DUPLICATE', 'the same line twice in a claim: the first stands', `paid: ${visit} | 150.00 = denied OA-18`, { lines: [{}, {}] }),
  hit('DUPLICATE', 'three times in a claim', `paid: ${visit} | 150.00 = denied OA-18 | 150.00 = denied OA-18`, { lines: [{}, {}, {}] }),
  hit('DUPLICATE', 'the earlier one was rendered by the billing provider itself', 'denied in coverage: 150.00 = denied OA-18', {
    claim: { renderingProviderId: 'PROV_001' },
    scene: before({}),
  }),
  miss('DUPLICATE', 'the earlier one was rendered by another: a person looks', suspected, {
    scene: before({ renderingProviderId: 'PROV_002' }),
  }),
  miss('DUPLICATE', 'two lines of the claim rendered by two: a person looks', 'pended in coverage: SUSPECTED_DUPLICATE 2', {
    lines: [{}, { renderingProviderId: 'PROV_002' }],
  }),
  miss('PREVIOUSLY_PAID', 'another one rendered it: a person looks', suspected, {
    scene: before({ renderingProviderId: 'PROV_002', chargeCents: 14_000 }),
  }),
  miss('DUPLICATE', 'the earlier one was denied', paidVisit, { scene: before({ denied: true, paidCents: 0 }) }),
  miss('DUPLICATE', 'the second line says that it is a repeat', `paid: ${visit} | ${visit}`, { lines: [{}, { modifiers: ['76'] }] }),
  miss('DUPLICATE', 'the second line is of another day', `paid: ${visit} | ${visit}`, { lines: [{}, { serviceFrom: day('2024-03-16') }] }),
  miss('DUPLICATE', 'the second line is of another department', `paid: ${visit} | ${visit}`, {
    claim: { claimType: 'institutional' },
    lines: [{ revenueCode: '0450' }, { revenueCode: '0120' }],
  }),
  hit('PREVIOUSLY_PAID', 'the same service for another charge', 'denied in coverage: 150.00 = denied OA-B13', {
    scene: before({ chargeCents: 14_000 }),
  }),
  miss('PREVIOUSLY_PAID', 'nothing was paid for it: a person looks', suspected, { scene: before({ chargeCents: 14_000, paidCents: 0 }) }),
  hit('SUSPECTED_DUPLICATE', 'other modifiers', suspected, { scene: before({ modifiers: ['25'] }) }),
  hit('SUSPECTED_DUPLICATE', 'other units', suspected, { scene: before({ unitsThousandths: 2_000 }) }),
  hit('SUSPECTED_DUPLICATE', 'another provider with the same charge', suspected, { scene: before({ providerId: 'PROV_002' }) }),
  miss('SUSPECTED_DUPLICATE', 'another provider with another charge', paidVisit, {
    scene: before({ providerId: 'PROV_002', chargeCents: 14_000 }),
  }),
  miss('SUSPECTED_DUPLICATE', 'a modifier says that it is a repeat', paidVisit, { lines: [{ modifiers: ['76'] }], scene: before({}) }),
  miss('SUSPECTED_DUPLICATE', 'the other side of the body', paidVisit, {
    lines: [{ modifiers: ['RT'] }],
    scene: before({ modifiers: ['LT'] }),
  }),
  hit('SUSPECTED_DUPLICATE', 'the same side for another number of units', suspected, {
    lines: [{ modifiers: ['LT'] }],
    scene: before({ modifiers: ['LT'], unitsThousandths: 2_000 }),
  }),
  miss('SUSPECTED_DUPLICATE', 'another code', paidVisit, { scene: before({ procedureCode: '85025' }) }),
  miss('SUSPECTED_DUPLICATE', 'the day before', paidVisit, { scene: before({ serviceFrom: day('2024-03-14') }) }),
  miss('SUSPECTED_DUPLICATE', 'a person looked at it', paidVisit, {
    scene: { ...before({ modifiers: ['25'] }), review: {}, lookedAt: [{ code: 'SUSPECTED_DUPLICATE', field: '', line: 1 }] },
  }),
  hit('SUSPECTED_DUPLICATE', 'a person looked at another line', suspected, {
    scene: { ...before({ modifiers: ['25'] }), review: {}, lookedAt: [{ code: 'SUSPECTED_DUPLICATE', field: '', line: 2 }] },
  }),
  miss('SUSPECTED_DUPLICATE', 'the plan does not suspect', paidVisit, {
    scene: { ...before({ modifiers: ['25'] }), plan: { settings: { 'duplicate.suspected': 'pay' } } },
  }),
  hit('TIMELY_FILING', 'a year and a day after', late, received('2024-03-15', '2025-03-16')),
  miss('TIMELY_FILING', 'a year after', paidVisit, received('2024-03-15', '2025-03-15')),
  hit('TIMELY_FILING', 'a year that begins on 29 February ends on the 28th', late, received('2024-02-29', '2025-03-01')),
  miss('TIMELY_FILING', 'on that 28th', paidVisit, received('2024-02-29', '2025-02-28')),
  // 15 March + 90 days = 13 June.
  hit('TIMELY_FILING', 'the 91st of 90 days', late, {
    ...received('2024-03-15', '2024-06-14'),
    scene: { today: day('2024-06-14'), plan: { timelyFilingDays: 90 } },
  }),
  miss('TIMELY_FILING', 'the 90th', paidVisit, {
    ...received('2024-03-15', '2024-06-13'),
    scene: { today: day('2024-06-13'), plan: { timelyFilingDays: 90 } },
  }),
  // An institutional claim counts from its last day, 20 March.
  miss('TIMELY_FILING', 'an institutional stay that ended later', 'paid: 700.00 = 440.00 + CO-45 100.00 + PR-2 60.00 + PR-3 100.00', {
    claim: { claimType: 'institutional', receivedOn: day('2025-03-20'), serviceTo: day('2024-03-20') },
    lines: [{ procedureCode: '', revenueCode: '0450', chargeCents: 70_000 }],
    scene: { today: day('2025-03-20') },
  }),
  hit('TIMELY_FILING', 'a day after that', 'denied in coverage: 700.00 = denied CO-29', {
    claim: { claimType: 'institutional', receivedOn: day('2025-03-21'), serviceTo: day('2024-03-20') },
    lines: [{ procedureCode: '', revenueCode: '0450', chargeCents: 70_000 }],
    scene: { today: day('2025-03-21') },
  }),
];
