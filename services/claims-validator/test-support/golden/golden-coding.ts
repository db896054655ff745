import { aKnownService } from '../claim-scene.ts';
import { day } from '../records.ts';
import { hit, miss, type GoldenClaim } from './golden-claim.ts';
import { visit } from './golden-validate.ts';

const scope = { procedureCode: '29881', chargeCents: 120_000 };
const wound = { procedureCode: '11042', chargeCents: 50_000 };
/** Price 1,000.00: deductible 500.00, 20 % of the other 500.00. */
const paidScope = '1,200.00 = 400.00 + CO-45 200.00 + PR-1 500.00 + PR-2 100.00';
/** Price 400.00, all of it deductible. */
const woundAlone = 'paid: 500.00 = 0.00 + CO-45 100.00 + PR-1 400.00';
const pairDenied = 'denied in coverage: 500.00 = denied CO-236';
const panel = { procedureCode: '80053', chargeCents: 2_000 };
const drawn = { procedureCode: '36415', chargeCents: 1_000 };
const exercise = (units: number, over = {}) => ({
  procedureCode: '97110',
  unitsThousandths: units * 1_000,
  chargeCents: units * 6_000,
  ...over,
});
const back = { diagnosisCodes: ['M5450'] };
const plan = (settings: Record<string, string>) => ({ plan: { settings } });
const scopeBefore = [aKnownService({ procedureCode: '29881', chargeCents: 120_000, paidCents: 40_000 })];
const woundBefore = (paidCents: number) => [aKnownService({ procedureCode: '11042', chargeCents: 50_000, paidCents })];

/** Steps 13 and 14. */
export const goldenCoding: readonly GoldenClaim[] = [
  hit('NCCI_PAIR', 'column two beside column one', `paid: ${paidScope} | 500.00 = denied CO-236`, { lines: [scope, wound] }),
  hit('NCCI_PAIR', 'in the other order', `paid: 500.00 = denied CO-236 | ${paidScope}`, { lines: [wound, scope] }),
  hit('NCCI_PAIR', 'a modifier where none lifts the pair', 'paid: 20.00 = 14.50 + CO-45 5.50 | 10.00 = denied CO-236', {
    lines: [panel, { procedureCode: '82947', chargeCents: 1_000, modifiers: ['59'] }],
  }),
  hit('NCCI_PAIR', 'column one on an earlier claim', pairDenied, { lines: [wound], scene: { history: scopeBefore } }),
  // The deductible is met by the first line: 20 % of 400.00 is 80.00.
  miss('NCCI_PAIR', 'a modifier that lifts it', `paid: ${paidScope} | 500.00 = 320.00 + CO-45 100.00 + PR-2 80.00`, {
    lines: [scope, { ...wound, modifiers: ['59'] }],
  }),
  miss('NCCI_PAIR', 'an anatomical one on column one', `paid: ${paidScope} | 500.00 = 320.00 + CO-45 100.00 + PR-2 80.00`, {
    lines: [{ ...scope, modifiers: ['LT'] }, wound],
  }),
  // The deductible is met on the first day.
  miss('NCCI_PAIR', 'on two days', `paid: ${paidScope} | 500.00 = 320.00 + CO-45 100.00 + PR-2 80.00`, {
    lines: [scope, { ...wound, serviceFrom: day('2024-03-16') }],
  }),
  miss('NCCI_PAIR', 'column one is denied itself', 'paid: 1,200.00 = denied CO-4 (N519) | 500.00 = 0.00 + CO-45 100.00 + PR-1 400.00', {
    lines: [{ ...scope, modifiers: ['76', '76'] }, wound],
  }),
  miss('NCCI_PAIR', 'column one by another provider', woundAlone, {
    lines: [wound],
    scene: { history: [aKnownService({ procedureCode: '29881', providerId: 'PROV_002' })] },
  }),
  miss('NCCI_PAIR', 'column one on an earlier claim that was denied', woundAlone, {
    lines: [wound],
    scene: { history: [aKnownService({ procedureCode: '29881', denied: true })] },
  }),
  miss('NCCI_PAIR', 'across claims where the plan does not compare', woundAlone, {
    lines: [wound],
    scene: { history: scopeBefore, ...plan({ 'ncci.across-claims': 'off' }) },
  }),
  hit('NCCI_PAID_BEFORE', 'column one after its paid column two', 'pended in coverage: NCCI_PAID_BEFORE 1', {
    lines: [scope],
    scene: { history: woundBefore(32_000) },
  }),
  miss('NCCI_PAID_BEFORE', 'nothing was paid for column two', `paid: ${paidScope}`, { lines: [scope], scene: { history: woundBefore(0) } }),
  miss('NCCI_PAID_BEFORE', 'a modifier that lifts the pair', `paid: ${paidScope}`, {
    lines: [{ ...scope, modifiers: ['RT'] }],
    scene: { history: woundBefore(32_000) },
  }),
  hit('BUNDLED', 'blood drawn at a visit', `paid: ${visit} | 10.00 = denied CO-97 (N19)`, { lines: [{}, drawn] }),
  hit('BUNDLED', 'the visit was on an earlier claim', 'denied in coverage: 10.00 = denied CO-97 (N19)', {
    lines: [drawn],
    scene: { history: [aKnownService()] },
  }),
  hit('BUNDLED', 'never paid by itself', 'denied in coverage: 10.00 = denied CO-97 (N19)', {
    lines: [{ procedureCode: '99000', chargeCents: 1_000 }],
  }),
  miss('BUNDLED', 'alone', 'paid: 10.00 = 3.00 + CO-45 7.00', { lines: [drawn] }),
  miss('BUNDLED', 'a modifier that lifts it', `paid: ${visit} | 10.00 = 3.00 + CO-45 7.00`, {
    lines: [{}, { ...drawn, modifiers: ['59'] }],
  }),
  miss('BUNDLED', 'the visit is denied itself', 'paid: 150.00 = denied CO-4 | 10.00 = 3.00 + CO-45 7.00', {
    lines: [{ modifiers: ['26'] }, drawn],
  }),
  // At most 4 units a day.
  hit('MUE', 'five: the whole line, as CMS does', 'denied in coverage: 300.00 = denied CO-151 (N362)', {
    claim: back,
    lines: [exercise(5)],
  }),
  // One of five units: 60.00. Four units: 160.00 of 240.00, copay 30.00.
  hit('MUE', 'five where the plan cuts', 'paid: 300.00 = 130.00 + CO-151 60.00 + CO-45 80.00 + PR-3 30.00 (N362)', {
    claim: back,
    lines: [exercise(5)],
    scene: plan({ mue: 'cut' }),
  }),
  // Three units: 120.00 of 180.00, copay 30.00.
  hit('MUE', 'three and two on one day', 'paid: 180.00 = 90.00 + CO-45 60.00 + PR-3 30.00 | 120.00 = denied CO-151 (N362)', {
    claim: back,
    lines: [exercise(3), exercise(2)],
  }),
  hit('MUE', 'three on an earlier claim', 'denied in coverage: 120.00 = denied CO-151 (N362)', {
    claim: back,
    lines: [exercise(2, { modifiers: ['76'] })],
    scene: { history: [aKnownService({ procedureCode: '97110', unitsThousandths: 3_000 })] },
  }),
  hit('MUE', 'nothing is left to cut to', 'denied in coverage: 120.00 = denied CO-151 (N362)', {
    claim: back,
    lines: [exercise(2, { modifiers: ['76'] })],
    scene: { history: [aKnownService({ procedureCode: '97110', unitsThousandths: 4_000 })], ...plan({ mue: 'cut' }) },
  }),
  miss('MUE', 'four', 'paid: 240.00 = 130.00 + CO-45 80.00 + PR-3 30.00', { claim: back, lines: [exercise(4)] }),
  miss('MUE', 'four beside a visit', `paid: ${visit} | 240.00 = 130.00 + CO-45 80.00 + PR-3 30.00`, {
    claim: back,
    lines: [{}, exercise(4)],
  }),
  miss('MUE', 'three and two on two days', 'paid: 180.00 = 90.00 + CO-45 60.00 + PR-3 30.00 | 120.00 = 50.00 + CO-45 40.00 + PR-3 30.00', {
    claim: back,
    lines: [exercise(3), exercise(2, { serviceFrom: day('2024-03-16') })],
  }),
  miss(
    'MUE',
    'three and two where the plan counts by line',
    'paid: 180.00 = 90.00 + CO-45 60.00 + PR-3 30.00 | 120.00 = 50.00 + CO-45 40.00 + PR-3 30.00',
    { claim: back, lines: [exercise(3), exercise(2)], scene: plan({ 'mue.counts': 'line' }) },
  ),
  miss('MUE', 'three on an earlier claim of another provider', 'paid: 120.00 = 50.00 + CO-45 40.00 + PR-3 30.00', {
    claim: back,
    lines: [exercise(2)],
    scene: { history: [aKnownService({ procedureCode: '97110', unitsThousandths: 3_000, providerId: 'PROV_002' })] },
  }),
];
