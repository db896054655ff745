import { day } from '../records.ts';
import { hit, miss, type GoldenClaim } from './golden-claim.ts';
import { paidVisit, visit } from './golden-validate.ts';

const refused = (reason: string) => `denied in coverage: 150.00 = denied ${reason}`;
const nextDay = { serviceFrom: day('2024-03-16'), serviceTo: null };
const emergency = { procedureCode: '', revenueCode: '0450', chargeCents: 70_000 };
const exercise = { procedureCode: '97110', chargeCents: 6_000 };
const born = (date: string) => ({ scene: { member: { birthDate: day(date) } } });

/** Steps 9 and 10. CPT is not loaded: the form decides. The other code sets are. */
export const goldenCodes: readonly GoldenClaim[] = [
  hit('REVENUE_CODE_INVALID', 'a code that the table does not have', 'denied in coverage: 700.00 = denied CO-16 (M50)', {
    lines: [{ ...emergency, revenueCode: '0999' }],
  }),
  hit('REVENUE_CODE_INVALID', 'three digits', 'denied in coverage: 700.00 = denied CO-16 (M50)', {
    lines: [{ ...emergency, revenueCode: '450' }],
  }),
  miss('REVENUE_CODE_INVALID', 'one that it has', 'paid: 700.00 = 440.00 + CO-45 100.00 + PR-2 60.00 + PR-3 100.00', {
    lines: [emergency],
  }),
  hit('PLACE_INVALID', 'a place that the table does not have', refused('CO-16 (M77)'), { claim: { placeOfService: '99' } }),
  hit('PLACE_INVALID', 'of the line', refused('CO-16 (M77)'), { lines: [{ placeOfService: 'home' }] }),
  miss('PLACE_INVALID', 'one that it has', paidVisit, { claim: { placeOfService: '81' } }),
  miss('PLACE_INVALID', 'none given', paidVisit, { claim: { placeOfService: '' } }),
  hit('PROCEDURE_INVALID', 'no code of any form', refused('CO-181 (N56)'), { lines: [{ procedureCode: 'VISIT' }] }),
  hit('PROCEDURE_INVALID', 'the day after its last', refused('CO-181 (N56)'), { claim: nextDay, lines: [{ procedureCode: 'E0142' }] }),
  miss('PROCEDURE_INVALID', 'on its last day: only its price is missing', 'pended in adjudicate: UNPRICED 1', {
    lines: [{ procedureCode: 'E0142' }],
  }),
  hit('MODIFIER_INVALID', 'the day after its last', refused('CO-182'), { claim: nextDay, lines: [{ modifiers: ['CS'] }] }),
  hit('MODIFIER_INVALID', 'no form of a modifier', refused('CO-182'), { lines: [{ modifiers: ['TWICE'] }] }),
  miss('MODIFIER_INVALID', 'on its last day', paidVisit, { lines: [{ modifiers: ['CS'] }] }),
  hit('DIAGNOSIS_INVALID', 'the day after its last', refused('CO-146'), { claim: { diagnosisCodes: ['M545'] } }),
  hit('DIAGNOSIS_INVALID', 'only on the line that points to it', `paid: ${visit} | 20.00 = denied CO-146`, {
    claim: { diagnosisCodes: ['E119', 'E1'] },
    lines: [{ diagnosisPointers: [1] }, { procedureCode: '85025', chargeCents: 2_000, diagnosisPointers: [2] }],
  }),
  miss('DIAGNOSIS_INVALID', 'on its last day', paidVisit, {
    claim: { serviceFrom: day('2024-03-14'), serviceTo: null, diagnosisCodes: ['M545'] },
  }),
  hit('MODIFIER_CONFLICT', 'a visit has no professional component', refused('CO-4'), { lines: [{ modifiers: ['26'] }] }),
  hit('MODIFIER_CONFLICT', 'the same modifier twice', refused('CO-4 (N519)'), { lines: [{ modifiers: ['25', '25'] }] }),
  miss('MODIFIER_CONFLICT', 'one that goes with it', paidVisit, { lines: [{ modifiers: ['25'] }] }),
  hit('PLACE_CONFLICT', 'hospital care in an office', refused('CO-5'), { lines: [{ procedureCode: '99221' }] }),
  // Price 200.00, more than the 150.00 charged; 20 % of 150.00 is 30.00.
  miss('PLACE_CONFLICT', 'hospital care in a hospital', 'paid: 150.00 = 120.00 + PR-2 30.00', {
    claim: { placeOfService: '21' },
    lines: [{ procedureCode: '99221' }],
  }),
  miss('PLACE_CONFLICT', 'no place given', 'paid: 150.00 = 120.00 + PR-2 30.00', {
    claim: { placeOfService: '' },
    lines: [{ procedureCode: '99221' }],
  }),
  hit('AGE_CONFLICT', '40 on the day, at most 39', refused('CO-6'), { lines: [{ procedureCode: '99385' }], ...born('1984-03-15') }),
  hit('AGE_CONFLICT', '17 on the day, at least 18', refused('CO-6'), { lines: [{ procedureCode: '99385' }], ...born('2006-03-16') }),
  miss('AGE_CONFLICT', '40 the day after', 'paid: 150.00 = 150.00', { lines: [{ procedureCode: '99385' }], ...born('1984-03-16') }),
  miss('AGE_CONFLICT', '18 that day', 'paid: 150.00 = 150.00', { lines: [{ procedureCode: '99385' }], ...born('2006-03-15') }),
  miss('AGE_CONFLICT', 'birth not on file', 'paid: 150.00 = 150.00', {
    lines: [{ procedureCode: '99385' }],
    scene: { member: { birthDate: null } },
  }),
  hit('SEX_CONFLICT', 'a mammography of a man', refused('CO-7'), {
    lines: [{ procedureCode: '77067' }],
    scene: { member: { sex: 'male' } },
  }),
  // Price 130.00, 20 % of it 26.00.
  miss('SEX_CONFLICT', 'of a woman', 'paid: 150.00 = 104.00 + CO-45 20.00 + PR-2 26.00', {
    claim: { priorAuthorization: 'AUTH-3' },
    lines: [{ procedureCode: '77067' }],
  }),
  miss('SEX_CONFLICT', 'sex not on file', 'paid: 150.00 = 104.00 + CO-45 20.00 + PR-2 26.00', {
    claim: { priorAuthorization: 'AUTH-3' },
    lines: [{ procedureCode: '77067' }],
    scene: { member: { sex: 'unknown' } },
  }),
  hit('DIAGNOSIS_CONFLICT', 'exercise for diabetes', 'denied in coverage: 60.00 = denied CO-11', { lines: [exercise] }),
  // Price 40.00, copay 30.00.
  miss('DIAGNOSIS_CONFLICT', 'exercise for the back', 'paid: 60.00 = 10.00 + CO-45 20.00 + PR-3 30.00', {
    claim: { diagnosisCodes: ['E119', 'M5450'] },
    lines: [exercise],
  }),
  miss('DIAGNOSIS_CONFLICT', 'no diagnosis given', 'paid: 60.00 = 10.00 + CO-45 20.00 + PR-3 30.00', {
    claim: { diagnosisCodes: [] },
    lines: [exercise],
  }),
];
